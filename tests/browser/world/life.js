// A little life on the platform, so that the console has something to show: flows that were signed, are being signed,
// were declined, taken back, and one that can't be sealed.

import { company, person } from "./party.js";

const SCENES = [
  { scene: "MEMBER_SETTLEMENT", fundPurpose: "SETTLEMENT", agreementType: "SETTLEMENT_MANDATE" },
];

/** Starts them and brings each as far as it goes without a phone. */
export async function story(world) {
  const begun = [];
  for (let round = 0; round < 9; round += 1) {
    const make = round % 3 === 2 ? person : company;
    const input = make(round % 3 === 0 ? SCENES[0] : {});
    const flow = await world.api.start(input);
    await world.events.typeOf(flow.id, "SMS_ACCEPTED");
    begun.push(flow.id);
  }
  await world.api.cancel(begun[1], "资料有误，重新发起");
  await world.api.cancel(begun[4], "商户已解约");
}
