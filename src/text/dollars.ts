/** What something has cost: `$0.0500`; what is below a cent has six digits. */
export const dollars = (cost: number) => `$${cost.toFixed(cost > 0 && cost < 0.01 ? 6 : 4)}`;

/** A budget or a price, with the digits that it was given with: `$2.5`. */
export const givenDollars = (amount: number) => `$${amount}`;
