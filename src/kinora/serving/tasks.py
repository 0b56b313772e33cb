"""Which tasks of the API have landed, and what is said of the others until they do."""

LANDED = frozenset({"generate", "remix", "extend", "reference"})

NOT_YET = {
    "edit": "editing a video has not landed yet; generate, remix and extend work",
    "character": "characters in videos have not landed yet; generate, remix and extend work",
}
