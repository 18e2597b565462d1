export { claim, type ClaimOptions } from "./claim.js";
export { claimRow, claimTable, ClaimTable } from "./claim-table.js";
