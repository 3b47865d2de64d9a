/** Selvage over matter.js: a transport for the commissioned nodes of a matter.js controller. */
export { MatterTransport, type MatterTransportOptions } from "./matter-transport.js";
