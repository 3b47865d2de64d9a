import { profiles, type Profile } from "./generate.js";

/**
 * The profile of that name.
 *
 * @throws RangeError with the names that there are
 */
export function profileNamed(name: string): Profile {
    const profile = profiles.find(candidate => candidate.name === name);
    if (profile === undefined) {
        throw new RangeError(`there is no profile "${name}"; there are ${profiles.map(each => each.name).join(", ")}`);
    }
    return profile;
}
