"""One account has at most one part of a loan, whoever makes its parts and however often."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("entitlements", "0004_deals"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="override",
            constraint=models.UniqueConstraint(
                fields=("loan", "account"), name="entitlements_override_once_per_loan"
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionitem",
            constraint=models.UniqueConstraint(
                fields=("loan", "subscription"), name="entitlements_subscriptionitem_once_per_loan"
            ),
        ),
    ]
