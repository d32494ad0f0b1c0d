"""The database itself refuses to alter or remove what the journal holds."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER journal_no_update BEFORE UPDATE ON casefile_journalentry
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER journal_no_delete BEFORE DELETE ON casefile_journalentry
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER journal_head_only_grows BEFORE UPDATE ON casefile_journalhead WHEN NEW.seq < OLD.seq
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER journal_head_no_delete BEFORE DELETE ON casefile_journalhead
       BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
    """CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON casefile_journalentry
       FOR EACH ROW EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON casefile_journalentry
       FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_head_only_grows BEFORE UPDATE ON casefile_journalhead
       FOR EACH ROW WHEN (NEW.seq < OLD.seq) EXECUTE FUNCTION journal_refuse()""",
    """CREATE TRIGGER journal_head_no_delete BEFORE DELETE ON casefile_journalhead
       FOR EACH ROW EXECUTE FUNCTION journal_refuse()""",
]


def forbid(apps, schema_editor):
    statements = POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("casefile", "0001_initial")]
    operations = [migrations.RunPython(forbid, migrations.RunPython.noop)]
