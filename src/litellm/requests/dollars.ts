/** `$0.0500`; what is below a cent has six digits. */
export const dollars = (cost: number) => `$${cost.toFixed(cost > 0 && cost < 0.01 ? 6 : 4)}`;
