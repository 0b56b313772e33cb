// Reads Content Credentials by code that shares nothing with c2pa-rs. Prints one JSON object per file named.
import { readFile } from 'node:fs/promises';
import { BMFF } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import { ManifestStore, ValidationResult } from '@trustnxt/c2pa-ts/manifest';

// It knows the box format of MP4 but not the name; these are the brands ordinary MP4 files carry.
for (const brand of ['isom', 'iso2', 'mp41', 'mp42', 'avc1']) BMFF.canReadBrands.add(brand);

async function verify(path) {
    const asset = new BMFF(await readFile(path));
    const jumbf = asset.getManifestJUMBF();
    if (!jumbf) return { state: 'none', codes: [] };
    let result;
    try {
        result = await ManifestStore.read(SuperBox.fromBuffer(jumbf)).validate(asset);
    } catch (error) {
        result = ValidationResult.fromError(error);
    }
    return { state: result.isValid ? 'valid' : 'invalid', codes: result.statusEntries.map(entry => entry.code) };
}

for (const path of process.argv.slice(2)) console.log(JSON.stringify(await verify(path)));
