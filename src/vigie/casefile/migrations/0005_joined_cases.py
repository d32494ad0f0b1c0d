"""A closed case says in which other one it is handled."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('casefile', '0004_set_aside'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='joined_into',
            field=models.CharField(blank=True, db_comment='reference of the case in which this closed one is handled', default='', max_length=11),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('joined_into', ''), _negated=True), fields=['organisation', 'joined_into'], name='case_joined'),
        ),
    ]
