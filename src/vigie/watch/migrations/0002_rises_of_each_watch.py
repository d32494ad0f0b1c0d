"""Counts and rises belong to a watch. What was counted before says of no watch, and is dropped."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def drop_counts(apps: Any, schema_editor: Any) -> None:
    for name in ("Tally", "Surge"):
        apps.get_model("watch", name)._base_manager.all().delete()


class Migration(migrations.Migration):
    dependencies = [("watch", "0001_initial")]

    operations = [
        migrations.RunPython(drop_counts, migrations.RunPython.noop),
        migrations.AddField(
            "tally", "watch",
            models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="watch.watch"),
        ),
        migrations.AddField(
            "surge", "watch",
            models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="watch.watch"),
        ),
        migrations.AddField(
            "tally", "folded", models.BooleanField(db_comment="a minute that is counted in its hour", default=False)
        ),
        migrations.AddIndex(
            "tally",
            models.Index(condition=models.Q(("folded", False), ("minutes", 1)), fields=["at"], name="tally_to_fold"),
        ),
    ]
