export { claim, type ClaimOptions } from "./claim.js";
export { claimTable, ClaimTable } from "./claim-table.js";
