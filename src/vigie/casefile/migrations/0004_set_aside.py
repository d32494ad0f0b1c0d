"""A case that is set aside for the authorities says so in its row, as its journal does."""

from django.conf import settings
from django.db import migrations, models


def say_so(apps, schema_editor):
    cases = apps.get_model("casefile", "Case").objects
    contents = apps.get_model("casefile", "Content").objects.filter(never_fetch=True)
    made = contents.filter(url="")
    made.update(forbidden_at=models.F("created_at"))  # each room looks again for what it did not erase then
    cases.filter(contents__in=made).update(referral="made")
    cases.filter(contents__in=contents.exclude(url="")).update(referral="waiting", in_queue=True)


class Migration(migrations.Migration):

    dependencies = [
        ('casefile', '0003_queue_of_the_few'),
        ('organisations', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='referral',
            field=models.CharField(blank=True, default='', max_length=8),
        ),
        migrations.AddField(
            model_name='content',
            name='forbidden_at',
            field=models.DateTimeField(db_comment='when a person confirmed it: each room erases what it holds of it; null: not confirmed', null=True),
        ),
        migrations.AddField(
            model_name='content',
            name='searched_at',
            field=models.DateTimeField(db_comment='since then, files and letters that wait were searched', null=True),
        ),
        migrations.AlterField(
            model_name='case',
            name='in_queue',
            field=models.BooleanField(db_comment='new, in triage, or set aside', default=True),
        ),
        migrations.AlterField(
            model_name='content',
            name='never_fetch',
            field=models.BooleanField(db_comment='child abuse suspected: hidden, never opened nor sent', default=False),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('referral', 'waiting')), fields=['organisation'], name='case_set_aside'),
        ),
        migrations.AddIndex(
            model_name='content',
            index=models.Index(condition=models.Q(('forbidden_at__isnull', False)), fields=['forbidden_at'], name='content_forbidden'),
        ),
        migrations.RunPython(say_so, migrations.RunPython.noop),
    ]
