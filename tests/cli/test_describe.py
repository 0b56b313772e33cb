import json
import subprocess
import sys

import pytest

from kinora.cli.describe import WIDTH, describe
from kinora.storybook.vocabulary import ACTIONS, COLOURS, KINDS, PLACES
from kinora.storybook.world import world


@pytest.fixture(scope="module")
def table():
    return world()


def test_the_world_survives_json(table):
    assert json.loads(json.dumps(table)) == table


def test_the_description_names_every_word_of_every_list(table):
    text = describe(table)
    lists = [words for words in table.values() if isinstance(words, list)]
    assert len(lists) == 13
    for word in (*KINDS, *ACTIONS, *COLOURS, *PLACES, *(word for words in lists for word in words)):
        assert word in text, word


def test_the_description_fits_a_hundred_columns(table):
    lines = describe(table).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert not any(line != line.rstrip() for line in lines)


def test_describing_needs_no_renderer():
    heavy = "[m for m in sys.modules if m in ('skia', 'cv2', 'torch') or 'storybook' in m]"
    code = f"import sys, kinora.cli.describe; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
