// Samples whose numbers pass every check, new ones each time: a mobile that has just had an SMS would have to wait.

import { randomInt } from "node:crypto";

const digits = (count) => Array.from({ length: count }, () => randomInt(10)).join("");
const CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

// GB 32100: weights are powers of 3 modulo 31.
function creditCode() {
  const body = `91330106MA${digits(7)}`;
  const sum = [...body].reduce((total, sign, place) => total + CREDIT_ALPHABET.indexOf(sign) * (3 ** place % 31), 0);
  return body + CREDIT_ALPHABET[(31 - (sum % 31)) % 31];
}

// GB 11643: weights are powers of 2 modulo 11.
function residentId() {
  const body = `3301061990${String(randomInt(1, 13)).padStart(2, "0")}15${digits(3)}`;
  const sum = [...body].reduce((total, digit, place) => total + Number(digit) * (2 ** (17 - place) % 11), 0);
  return body + "10X98765432"[sum % 11];
}

const numbers = () => ({
  mobile: `138${digits(8)}`,
  subjectNo: `P${digits(8)}`,
  bankAccount: { accountNo: `622588${digits(10)}`, bankName: "招商银行" },
});

/** A company whose account is verified by a transfer. */
export function company(changes = {}) {
  return {
    flowNo: `BR-${digits(12)}`,
    scene: "MEMBER_SETTLEMENT",
    fundPurpose: "SETTLEMENT",
    agreementType: "SETTLEMENT_MANDATE",
    subject: {
      type: "CORPORATE", role: "STORE", name: "杭州清禾餐饮管理有限公司", signatoryName: "张明远",
      idDocument: { type: "UNIFIED_SOCIAL_CREDIT_CODE", number: creditCode() }, ...numbers(),
    },
    ...changes,
  };
}

/** A person who is verified by the face. */
export function person(changes = {}) {
  return {
    flowNo: `BR-${digits(12)}`,
    scene: "BATCH_PAYMENT",
    fundPurpose: "PAYROLL",
    agreementType: "PAYMENT_AGENCY_AGREEMENT",
    subject: {
      type: "INDIVIDUAL", role: "RECEIVER", name: "李思雨",
      idDocument: { type: "RESIDENT_ID_CARD", number: residentId() }, ...numbers(),
    },
    ...changes,
  };
}
