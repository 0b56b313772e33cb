import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from kinora.provenance.signer import data_folder, find_signer


def certificates(signer):
    return x509.load_pem_x509_certificates(signer.chain_pem)


def test_the_local_signer_is_made_once_and_kept_private(home):
    first, second = find_signer(), find_signer()
    assert first == second and first.algorithm == "es256"
    assert sorted(path.name for path in (home / "signer").iterdir()) == ["chain.pem", "key.pem", "root.pem"]
    assert [path.name for path in home.iterdir()] == ["signer"]
    assert stat.S_IMODE((home / "signer").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "signer").iterdir()} == {0o600}


def test_the_chain_leads_to_its_root_and_lasts(home):
    leaf, middle = certificates(find_signer())
    root = x509.load_pem_x509_certificate((home / "signer" / "root.pem").read_bytes())
    leaf.verify_directly_issued_by(middle)
    middle.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert leaf.not_valid_after_utc > datetime.now(UTC) + timedelta(days=15 * 365)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert middle.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


def test_two_users_have_two_signers(tmp_path):
    one, other = (find_signer({"KINORA_HOME": str(tmp_path / name)}) for name in "ab")
    assert one.key_pem != other.key_pem


def find_in(folder, start, found):
    start.wait()
    found.put(find_signer({"KINORA_HOME": folder}).key_pem)


def test_processes_that_start_together_agree(tmp_path):
    context = multiprocessing.get_context("fork")
    start, found = context.Barrier(4), context.Queue()
    processes = [context.Process(target=find_in, args=(str(tmp_path), start, found)) for _ in range(4)]
    for process in processes:
        process.start()
    assert len({found.get(timeout=30) for _ in processes}) == 1
    for process in processes:
        process.join()
    assert [path.name for path in tmp_path.iterdir()] == ["signer"]


def test_where_things_are_kept(tmp_path):
    assert data_folder({"KINORA_HOME": "/a"}) == Path("/a")
    assert data_folder({"XDG_DATA_HOME": "/b"}) == Path("/b/kinora")
    assert data_folder({}).parts[-3:] == (".local", "share", "kinora")


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: ec.generate_private_key(ec.SECP256R1()), "es256"),
        (lambda: ec.generate_private_key(ec.SECP384R1()), "es384"),
        (lambda: ec.generate_private_key(ec.SECP521R1()), "es512"),
        (lambda: ed25519.Ed25519PrivateKey.generate(), "ed25519"),
        (lambda: rsa.generate_private_key(65537, 2048), "ps256"),
    ],
)
def test_a_signer_of_the_users_own(tmp_path, make, algorithm):
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(find_signer({"KINORA_HOME": str(tmp_path / "home")}).chain_pem)
    key.write_bytes(pem(make()))
    signer = find_signer({"KINORA_SIGNER_CERTS": str(chain), "KINORA_SIGNER_KEY": str(key)})
    assert (signer.algorithm, signer.key_pem) == (algorithm, key.read_bytes())


def test_a_wrong_signer_says_what_is_wrong(tmp_path):
    good = tmp_path / "signer" / "chain.pem"
    find_signer({"KINORA_HOME": str(tmp_path)})
    (tmp_path / "odd.pem").write_bytes(pem(dsa.generate_private_key(1024)))
    (tmp_path / "text").write_text("not a key")
    for certs, key, word in [
        (good, "", "both"),
        ("", good, "both"),
        (good, tmp_path / "none.pem", "none.pem"),
        (good, tmp_path / "text", "PEM"),
        (tmp_path / "text", tmp_path / "signer" / "key.pem", "PEM"),
        (good, tmp_path / "odd.pem", "P-256"),
    ]:
        with pytest.raises(ValueError, match=word) as error:
            find_signer({"KINORA_SIGNER_CERTS": str(certs), "KINORA_SIGNER_KEY": str(key)})
        assert "\n" not in str(error.value)
