// Sample parties whose numbers pass every check: unified credit code (GB 32100), resident id (GB 11643), mobile.

const digits = (count) => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join("");
const pick = (list) => list[Math.floor(Math.random() * list.length)];

const CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

export function creditCode(body = `91330106MA${digits(7)}`) {
  const sum = [...body].reduce((total, sign, place) => total + CREDIT_ALPHABET.indexOf(sign) * (3 ** place % 31), 0);
  return body + CREDIT_ALPHABET[(31 - (sum % 31)) % 31];
}

export function residentId(body = `33010619${70 + Math.floor(Math.random() * 30)}0${1 + Math.floor(Math.random() * 9)}1${digits(1)}${digits(3)}`) {
  const sum = [...body].reduce((total, digit, place) => total + Number(digit) * (2 ** (17 - place) % 11), 0);
  return body + "10X98765432"[sum % 11];
}

export function flowNo(now = new Date()) {
  const stamp = now.toISOString().replace(/\D/g, "").slice(0, 14);
  return `SB${stamp}-${digits(4)}`;
}

// New numbers each time: a mobile that just received an SMS would have to wait a minute for the next.
export function party(type) {
  const person = pick(["张明远", "李思雨", "王建国", "陈晓华", "周文博"]);
  const company = `${pick(["杭州清禾餐饮", "宁波海岳贸易", "绍兴云泽纺织", "金华百味食品"])}${pick(["管理", "发展"])}有限公司`;
  const isCompany = type === "CORPORATE";
  return {
    name: isCompany ? company : person,
    signatoryName: isCompany ? person : "",
    documentNumber: isCompany ? creditCode() : residentId(),
    role: isCompany ? "STORE" : "RECEIVER",
    mobile: `138${digits(8)}`,
    accountNo: `622588${digits(10)}`,
    bankName: "招商银行",
    subjectNo: `P${digits(6)}`,
  };
}
