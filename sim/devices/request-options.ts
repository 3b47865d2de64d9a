/** Who sends a request, and how: whatever the request itself does not say. */
export interface RequestOptions {
    /** Fabric index; default the manager's. */
    readonly fabric?: number;
    /** The requester's node id, or with auth mode Group the group id; default the administrator that commissioned the fabric. */
    readonly subject?: bigint;
    /** CASE authenticated tags of the requester's NOC, each of 32 bit; default none (for the default subject: {@link SimNode.setAdministrator}'s). */
    readonly cats?: readonly number[];
    /** Default CASE. */
    readonly authMode?: number;
    /**
     * A list is written as "replace with empty", then entry by entry, and the connection breaks after this many of those steps; Infinity for all of them. Without it
     * the list is replaced in one step.
     */
    readonly chunks?: number;
}
