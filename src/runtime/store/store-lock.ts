import { createHash, randomBytes } from "node:crypto";
import { close as closeFd, constants, open as openFd } from "node:fs";
import { chmod, link, readdir, realpath, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { unavailable } from "./file-errors.js";
import { StoreError } from "./store-error.js";

/**
 * One process per directory, without a native module: the lock is a listening socket, which the kernel closes when the
 * process ends, however it ends. A process id in a file could not say that: ids are used again, and two containers that share
 * a volume do not know each other's.
 *
 * The sockets are files `lock.<n>`. Whoever wants the lock looks at the highest n; if somebody answers there, it is taken. If
 * not, it links its own socket, which already listens, as n + 1: that succeeds for one process only. The highest file is never
 * removed, so numbers only grow: a process that was slow between looking and linking finds a higher number afterwards and
 * gives way.
 */
const LOCK_NAME = /^lock\.(\d+)$/;
const PENDING_NAME = /^lock\.pending-/;
/** Longer paths do not fit into a socket address (104 bytes on macOS). */
const MAX_SOCKET_PATH_BYTES = 100;
/** Only a contender that always loses the race for a free lock gets that far. */
const MAX_ATTEMPTS = 20;

/** Whether an entry of the directory belongs to the lock. */
export function isLockFile(name: string): boolean {
    return LOCK_NAME.test(name) || PENDING_NAME.test(name);
}

/**
 * Take a directory for this process. Works between processes of one machine, containers included; not across a network
 * file system.
 *
 * @returns the way to let go.
 * @throws StoreError LOCKED when another store holds it, UNAVAILABLE when the file system has no sockets.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
    if (process.platform === "win32") {
        return lockPipe(directory);
    }
    const sockets = await socketDirectory(directory);
    try {
        return await lockSocket(directory, sockets);
    } catch (error) {
        await sockets.release();
        throw error;
    }
}

async function lockSocket(directory: string, sockets: SocketDirectory): Promise<() => Promise<void>> {
    const pending = `lock.pending-${randomBytes(8).toString("hex")}`;
    const server = await listen(sockets.path(pending), directory);
    try {
        await chmod(join(directory, pending), 0o600);
        await takeNumber(directory, pending, sockets);
    } catch (error) {
        await stop(server);
        throw error;
    } finally {
        await rm(join(directory, pending), { force: true });
    }
    return async () => {
        await stop(server);
        await sockets.release();
    };
}

async function takeNumber(directory: string, pending: string, sockets: SocketDirectory): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const highest = await highestNumber(directory);
        if (highest > 0 && (await isAlive(sockets.path(`lock.${highest}`)))) {
            throw locked(directory);
        }
        const mine = highest + 1;
        if (!(await linked(join(directory, pending), join(directory, `lock.${mine}`)))) {
            continue;
        }
        if ((await highestNumber(directory)) > mine) {
            await rm(join(directory, `lock.${mine}`), { force: true });
            continue;
        }
        await removeLower(directory, mine, pending);
        return;
    }
    throw locked(directory);
}

async function linked(from: string, to: string): Promise<boolean> {
    try {
        await link(from, to);
        return true;
    } catch (error) {
        // ENOENT: a holder tidied the pending socket away.
        if (["EEXIST", "ENOENT"].includes(codeOf(error))) {
            return false;
        }
        throw error;
    }
}

async function highestNumber(directory: string): Promise<number> {
    const names = await readdir(directory);
    return Math.max(0, ...names.map(name => Number(LOCK_NAME.exec(name)?.[1] ?? 0)));
}

/** Only the holder tidies up. A contender whose pending socket goes away here was about to be told LOCKED. */
async function removeLower(directory: string, mine: number, pending: string): Promise<void> {
    for (const name of await readdir(directory)) {
        const number = LOCK_NAME.exec(name)?.[1];
        if (number === undefined ? PENDING_NAME.test(name) && name !== pending : Number(number) < mine) {
            await rm(join(directory, name), { force: true });
        }
    }
}

/** Nobody listens: refused. Anything else (accepted, queue full) means that somebody does. */
function isAlive(path: string): Promise<boolean> {
    return new Promise(resolve => {
        const socket = connect(path);
        socket.once("connect", () => {
            socket.destroy();
            resolve(true);
        });
        socket.once("error", error => resolve(!["ECONNREFUSED", "ENOENT"].includes(codeOf(error))));
    });
}

function listen(path: string, directory: string): Promise<Server> {
    const server = createServer(socket => socket.destroy());
    // The lock must not keep the process alive: who forgets to close the store may still end.
    server.unref();
    return new Promise((resolve, reject) => {
        server.once("error", error => {
            const taken = codeOf(error) === "EADDRINUSE";
            reject(taken ? locked(directory) : unavailable(directory, error));
        });
        server.listen(path, () => resolve(server));
    });
}

function stop(server: Server): Promise<void> {
    return new Promise(resolve => server.close(() => resolve()));
}

interface SocketDirectory {
    path(name: string): string;
    release(): Promise<void>;
}

/** A long path is reached through an open descriptor, where the system allows that. */
async function socketDirectory(directory: string): Promise<SocketDirectory> {
    const longest = join(directory, `lock.pending-${"0".repeat(16)}`);
    if (Buffer.byteLength(longest) <= MAX_SOCKET_PATH_BYTES) {
        return { path: name => join(directory, name), release: async () => undefined };
    }
    if (process.platform !== "linux") {
        throw new StoreError("UNAVAILABLE", `the path ${directory} is too long for a lock; choose a shorter one`);
    }
    const fd = await promisify(openFd)(directory, constants.O_RDONLY | constants.O_DIRECTORY);
    return { path: name => `/proc/self/fd/${fd}/${name}`, release: () => promisify(closeFd)(fd) };
}

/** Windows has named pipes, which have one owner and go with it. */
async function lockPipe(directory: string): Promise<() => Promise<void>> {
    const id = createHash("sha256").update((await realpath(directory)).toLowerCase()).digest("hex");
    const server = await listen(`\\\\.\\pipe\\selvage-${id}`, directory);
    return () => stop(server);
}

function locked(directory: string): StoreError {
    return new StoreError(
        "LOCKED",
        `the store in ${directory} is in use by another process or another open store; close that one, or choose another directory`,
    );
}

function codeOf(error: unknown): string {
    return (error as NodeJS.ErrnoException).code ?? "unknown error";
}
