"""The guards in the database itself: whoever connects, an entry can only be added at the end of its stream.

A client that goes past the corridor meets these. A guard that was dropped or changed is found at start and by
`lims verify`, for `missing_or_altered` compares each one with its text here.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, text

_SQLITE: Final = {
    "entries_only_at_the_end": """
CREATE TRIGGER entries_only_at_the_end BEFORE INSERT ON entries
BEGIN
  SELECT RAISE(ABORT, 'an entry goes to the end of its stream: seq is not the head''s seq + 1')
  WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries WHERE stream = NEW.stream);
  SELECT RAISE(ABORT, 'an entry goes to the end of its stream: prev_hash is not the head''s hash')
  WHERE NEW.prev_hash IS NOT coalesce(
    (SELECT hash FROM entries WHERE stream = NEW.stream ORDER BY seq DESC LIMIT 1),
    '0000000000000000000000000000000000000000000000000000000000000000');
  SELECT RAISE(ABORT, 'this hash is on file')
  WHERE EXISTS (SELECT 1 FROM entries WHERE hash = NEW.hash);
END""",
    "entries_never_change": """
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END""",
    "entries_never_go": """
CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry never goes'); END""",
    "detached_once": """
CREATE TRIGGER detached_once BEFORE INSERT ON detached
BEGIN
  SELECT RAISE(ABORT, 'this commitment is on file')
  WHERE EXISTS (SELECT 1 FROM detached WHERE commitment = NEW.commitment);
  SELECT RAISE(ABORT, 'a detached value comes with its salt')
  WHERE NEW.value IS NULL OR NEW.salt IS NULL;
END""",
    "detached_only_erased": """
CREATE TRIGGER detached_only_erased BEFORE UPDATE ON detached
BEGIN
  SELECT RAISE(ABORT, 'a detached value is only ever erased')
  WHERE NEW.commitment IS NOT OLD.commitment OR NEW.sort IS NOT OLD.sort
     OR NEW.value IS NOT NULL OR NEW.salt IS NOT NULL;
  SELECT RAISE(ABORT, 'no redaction of this value is on file')
  WHERE NOT EXISTS (SELECT 1 FROM entries WHERE kind GLOB 'value_redacted.*'
                    AND instr(body, '"commitment":"' || OLD.commitment || '"') > 0);
END""",
    "detached_never_goes": """
CREATE TRIGGER detached_never_goes BEFORE DELETE ON detached
BEGIN SELECT RAISE(ABORT, 'a commitment never goes; its value can be redacted'); END""",
}

# Each function names its search path with pg_temp last, so that a temporary table called `entries` cannot stand in
# for the real one.
_FUNCTIONS: Final = {
    "lims_entry_only_at_the_end": """
DECLARE
  head_seq bigint; head_hash text;
BEGIN
  SELECT seq, hash INTO head_seq, head_hash FROM entries WHERE stream = NEW.stream ORDER BY seq DESC LIMIT 1;
  IF NEW.seq IS DISTINCT FROM coalesce(head_seq, 0) + 1 THEN
    RAISE EXCEPTION 'an entry goes to the end of its stream: seq is not the head''s seq + 1';
  END IF;
  IF NEW.prev_hash IS DISTINCT FROM coalesce(head_hash, repeat('0', 64)) THEN
    RAISE EXCEPTION 'an entry goes to the end of its stream: prev_hash is not the head''s hash';
  END IF;
  RETURN NEW;
END""",
    "lims_refuse": """
BEGIN
  RAISE EXCEPTION '% never % rows', TG_TABLE_NAME, CASE TG_OP WHEN 'UPDATE' THEN 'changes' ELSE 'loses' END;
END""",
    "lims_detached_once": """
BEGIN
  IF NEW.value IS NULL OR NEW.salt IS NULL THEN
    RAISE EXCEPTION 'a detached value comes with its salt';
  END IF;
  RETURN NEW;
END""",
    "lims_detached_only_erased": """
BEGIN
  IF NEW.commitment IS DISTINCT FROM OLD.commitment OR NEW.sort IS DISTINCT FROM OLD.sort
     OR NEW.value IS NOT NULL OR NEW.salt IS NOT NULL THEN
    RAISE EXCEPTION 'a detached value is only ever erased';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM entries WHERE kind LIKE 'value_redacted.%'
                 AND position('"commitment":"' || OLD.commitment || '"' IN body) > 0) THEN
    RAISE EXCEPTION 'no redaction of this value is on file';
  END IF;
  RETURN NEW;
END""",
}

_POSTGRESQL: Final = {
    "entries_only_at_the_end": ("entries", "BEFORE INSERT", "ROW", "lims_entry_only_at_the_end"),
    "entries_never_change": ("entries", "BEFORE UPDATE", "ROW", "lims_refuse"),
    "entries_never_go": ("entries", "BEFORE DELETE", "ROW", "lims_refuse"),
    "entries_never_truncated": ("entries", "BEFORE TRUNCATE", "STATEMENT", "lims_refuse"),
    "detached_once": ("detached", "BEFORE INSERT", "ROW", "lims_detached_once"),
    "detached_only_erased": ("detached", "BEFORE UPDATE", "ROW", "lims_detached_only_erased"),
    "detached_never_goes": ("detached", "BEFORE DELETE", "ROW", "lims_refuse"),
    "detached_never_truncated": ("detached", "BEFORE TRUNCATE", "STATEMENT", "lims_refuse"),
}

_SEARCH_PATH: Final = "public, pg_temp"


def install(connection: Connection) -> None:
    """Put every guard in place; for a new instance, or after a migration that rebuilt a table."""
    if connection.dialect.name == "sqlite":
        for name, statement in _SQLITE.items():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement.strip())
        return
    for name, body in _FUNCTIONS.items():
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
            f" SET search_path = {_SEARCH_PATH} AS $lims${body}$lims$".replace("%", "%%")
        )
    for name, (table, moment, each, function) in _POSTGRESQL.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} {moment} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
        )
        # ALWAYS: a session that calls itself a replica skips ordinary triggers.
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def missing_or_altered(connection: Connection) -> tuple[str, ...]:
    """Names of guards that are not there as installed, and of triggers nobody installed; empty when all is well."""
    if connection.dialect.name == "sqlite":
        found = _sqlite_triggers(connection)
        wanted = {name: statement.strip() for name, statement in _SQLITE.items()}
    else:
        found = _postgresql_triggers(connection)
        wanted = {
            name: f"CREATE TRIGGER {name} {moment} ON public.{table} FOR EACH {each} EXECUTE FUNCTION {function}()"
            f" ALWAYS {_FUNCTIONS[function]} search_path={_SEARCH_PATH}"
            for name, (table, moment, each, function) in _POSTGRESQL.items()
        }
    return tuple(sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)))


def _sqlite_triggers(connection: Connection) -> dict[str, str]:
    rows = connection.execute(
        text(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('entries', 'detached')"
        )
    )
    return {row.name: row.sql for row in rows}


def _postgresql_triggers(connection: Connection) -> dict[str, str]:
    rows = connection.execute(
        text(
            "SELECT t.tgname AS name, pg_get_triggerdef(t.oid) AS definition, t.tgenabled::text AS enabled,"
            " p.prosrc AS body, array_to_string(p.proconfig, ';') AS config"
            " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid IN ('public.entries'::regclass, 'public.detached'::regclass) AND NOT t.tgisinternal"
        )
    )
    states = {"A": "ALWAYS", "O": "ORIGIN", "D": "DISABLED", "R": "REPLICA"}
    return {
        row.name: f"{_spelt(row.definition)} {states.get(row.enabled, row.enabled)} {row.body} {row.config}"
        for row in rows
    }


def _spelt(definition: str) -> str:
    """PostgreSQL leaves the schema of a function out when it is on the path."""
    return definition.replace("EXECUTE FUNCTION public.", "EXECUTE FUNCTION ")


def grant_application_role(role: str, *, changing: Collection[str]) -> tuple[str, ...]:
    """PostgreSQL statements that let `role` run the instance: entries may be read and added, nothing else.

    `changing` names the tables that are no part of a record (operational ones, heads, read tables). The role must
    own no table, for an owner can drop a trigger; migrations and `rebuild` are the owner's.
    """
    quoted = '"' + role.replace('"', '""') + '"'
    named = ", ".join('"' + name.replace('"', '""') + '"' for name in sorted(changing))
    return (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {quoted}",
        f"GRANT INSERT ON entries, detached TO {quoted}",
        f"GRANT UPDATE (salt, value) ON detached TO {quoted}",
        f"GRANT INSERT, UPDATE, DELETE ON {named} TO {quoted}",
    )
