import { StoreError } from "./store-error.js";

const REMEDIES: Readonly<Record<string, string>> = {
    EACCES: "this user may not read and write there; change its permissions or choose another directory",
    EPERM: "this user may not read and write there; change its permissions or choose another directory",
    EROFS: "the file system is read-only; choose another directory",
    EEXIST: "it is a file, not a directory; choose another path",
    ENOTDIR: "a part of the path is a file, not a directory; choose another path",
    ENOSPC: "the disk is full; free space and open the store again",
    EDQUOT: "the quota is used up; free space and open the store again",
    ENOTSUP: "the file system has no sockets, which the lock needs; put the store on a local one",
    EOPNOTSUPP: "the file system has no sockets, which the lock needs; put the store on a local one",
    EMFILE: "this process has too many open files; raise the limit and open the store again",
};

/** Any failure of opening a store as a StoreError; one that is a StoreError stays what it is. */
export function unavailable(directory: string, error: unknown): StoreError {
    if (error instanceof StoreError) {
        return error;
    }
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const remedy = REMEDIES[code] ?? "see the cause; check the disk and open the store again";
    return new StoreError("UNAVAILABLE", `there can be no store in ${directory} (${code}): ${remedy}`, { cause: error });
}

/** Whether a write failed only because there is no space: the disk is sound, and what it holds is known. */
export function diskFull(error: unknown): boolean {
    return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
}
