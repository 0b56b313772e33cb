"""The ledger's tables, in SQL that SQLite and PostgreSQL both read. Flags are 0 or 1."""

VERSION = 1

# Ids sort by age, byte by byte, whatever the database's own order of letters is.
TABLES = (
    """CREATE TABLE IF NOT EXISTS about (version BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS videos (
        id TEXT COLLATE "C" PRIMARY KEY,
        owner TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('queued', 'in_progress', 'completed', 'failed')),
        task TEXT NOT NULL,
        model TEXT NOT NULL,
        engine TEXT NOT NULL,
        prompt TEXT NOT NULL,
        seconds BIGINT NOT NULL,
        size TEXT NOT NULL,
        wish TEXT NOT NULL, -- JSON
        priority BIGINT NOT NULL,
        progress BIGINT NOT NULL,
        stage TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        started_at BIGINT,
        completed_at BIGINT,
        expires_at BIGINT,
        remixed_from_video_id TEXT,
        error_code TEXT,
        error_message TEXT,
        result TEXT, -- JSON
        notes TEXT NOT NULL, -- JSON
        fence BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        worker TEXT NOT NULL,
        cancelled BIGINT NOT NULL,
        workflow TEXT NOT NULL
    )""",
    """CREATE INDEX IF NOT EXISTS videos_of_owner ON videos (owner, id)""",
    """CREATE INDEX IF NOT EXISTS videos_in_status ON videos (status, error_code, workflow)""",
    """CREATE INDEX IF NOT EXISTS videos_to_expire ON videos (expires_at) WHERE result IS NOT NULL""",
    # Which rows a blob is kept for: `holder` is the id of a video or a character.
    """CREATE TABLE IF NOT EXISTS holds (
        blob TEXT NOT NULL, holder TEXT NOT NULL, PRIMARY KEY (blob, holder)
    )""",
    """CREATE INDEX IF NOT EXISTS holds_of_holder ON holds (holder)""",
    """CREATE TABLE IF NOT EXISTS idempotency (
        owner TEXT NOT NULL, key TEXT NOT NULL, body_sha256 TEXT NOT NULL, video_id TEXT NOT NULL,
        created_at BIGINT NOT NULL, PRIMARY KEY (owner, key)
    )""",
    """CREATE INDEX IF NOT EXISTS idempotency_by_age ON idempotency (created_at)""",
    # What was accepted, whether or not it is still there: quotas are counted here.
    """CREATE TABLE IF NOT EXISTS accepted (
        video_id TEXT PRIMARY KEY, owner TEXT NOT NULL, created_at BIGINT NOT NULL, seconds BIGINT NOT NULL
    )""",
    """CREATE INDEX IF NOT EXISTS accepted_of_owner ON accepted (owner, created_at)""",
    """CREATE TABLE IF NOT EXISTS events (
        id TEXT COLLATE "C" PRIMARY KEY, type TEXT NOT NULL, video_id TEXT NOT NULL, created_at BIGINT NOT NULL,
        workflow TEXT NOT NULL, closed BIGINT NOT NULL, delivered BIGINT NOT NULL
    )""",
    """CREATE INDEX IF NOT EXISTS events_open ON events (closed, workflow)""",
    """CREATE TABLE IF NOT EXISTS characters (
        id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, blob TEXT NOT NULL, created_at BIGINT NOT NULL
    )""",
    # How long stages took, of all that were finished.
    """CREATE TABLE IF NOT EXISTS stages (
        stage TEXT PRIMARY KEY, seconds DOUBLE PRECISION NOT NULL, finished BIGINT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS workers (
        id TEXT PRIMARY KEY, beat BIGINT NOT NULL, facts TEXT NOT NULL, arrived_at BIGINT NOT NULL
    )""",
)
