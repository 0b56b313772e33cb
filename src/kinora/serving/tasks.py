"""Which tasks of the API have landed, and what is said of the others until they do."""

LANDED = frozenset({"generate", "remix"})

NOT_YET = {
    "edit": "editing a video has not landed yet; generate and remix work",
    "extend": "extending a video has not landed yet; generate and remix work",
    "character": "characters in videos have not landed yet; generate and remix work",
    "reference": "beginning from a picture has not landed yet; leave input_reference out, or use generate and remix",
}
