"""Which Kinora this is: said on the command line and in every file, the same in both, whatever is installed."""

VERSION = "0.3.0"
