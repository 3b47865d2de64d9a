/** Selvage over matter.js: a transport for the commissioned nodes of a matter.js controller, and an issuer of their certificates. */
export { MatterIssuer, type MatterIssuerOptions } from "./issuer.js";
export { MatterTransport, type MatterTransportOptions } from "./matter-transport.js";
