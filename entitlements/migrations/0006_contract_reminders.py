"""Contracts are announced too: their end, and the last day for notice where they renew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("entitlements", "0005_loan_parts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reminder",
            name="entitlements_reminder_end_of",
        ),
        migrations.AlterField(
            model_name="historicalreminder",
            name="end_of",
            field=models.CharField(
                choices=[
                    ("trial", "A trial"),
                    ("grace", "The grace after a failed payment"),
                    ("override", "An override"),
                    ("item", "A lent plan or an add-on"),
                    ("subscription", "A subscription"),
                    ("contract", "A contract"),
                    ("notice", "The time to give notice on a contract that renews"),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="end_of",
            field=models.CharField(
                choices=[
                    ("trial", "A trial"),
                    ("grace", "The grace after a failed payment"),
                    ("override", "An override"),
                    ("item", "A lent plan or an add-on"),
                    ("subscription", "A subscription"),
                    ("contract", "A contract"),
                    ("notice", "The time to give notice on a contract that renews"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_of__in", ["trial", "grace", "override", "item", "subscription", "contract", "notice"])
                ),
                name="entitlements_reminder_end_of",
            ),
        ),
    ]
