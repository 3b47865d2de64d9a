/** AccessControlEntryPrivilegeEnum (core section 9.10.5.2); 2 was ProxyView. */
export const Privilege = { VIEW: 1, PROXY_VIEW: 2, OPERATE: 3, MANAGE: 4, ADMINISTER: 5 } as const;
