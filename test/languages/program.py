"""The main job in Python, on the emulation whose settings are in the environment."""

import json
import os
import sys

import pulumi
import pulumi_entra_postgres as entra
from pulumi import automation


class ResourceGroup(pulumi.CustomResource):
    """Of the Azure package only this is needed, and the package is large."""

    name: pulumi.Output[str]

    def __init__(self, resource_name: str):
        given = {"resourceGroupName": "orders", "location": "westeurope", "name": None}
        super().__init__("azure-native:resources:ResourceGroup", resource_name, given)


def program() -> None:
    group = ResourceGroup("orders")
    orders = entra.EntraPostgres(
        "orders",
        resource_group_name=group.name,
        server=entra.ServerSettingsArgs(
            version="17",
            sku=entra.ServerSettingsSkuArgs(tier="GeneralPurpose", name="Standard_D2ds_v5"),
            protect=False,
        ),
        authentication=entra.AuthenticationArgs(
            mode="EntraAndPassword",
            administrator_login="keeper",
            administrator_password=pulumi.Output.secret("S3cret-given-by-hand"),
        ),
        administrators=[entra.EntraAdministratorArgs(type="Group", name="Prod DB Admins")],
        network=entra.EntraPostgresNetworkArgs(
            mode="PublicAccess",
            firewall_rules=[entra.EntraPostgresNetworkFirewallRulesItemArgs(name="this-machine", cidr="127.0.0.1/32")],
        ),
        databases=[entra.DatabaseSettingsArgs(name="orders")],
        access=[
            entra.AccessArgs(
                principal=entra.AccessPrincipalArgs(type="Group", name="Prod DB Readonly"),
                database="orders",
                profile=os.environ["PROFILE"],
            )
        ],
    )
    pulumi.export("host", orders.host)
    pulumi.export("user", orders.connect.apply(lambda facts: facts.sign_ins[0].user))


def main() -> None:
    stack = automation.create_or_select_stack(
        "local",
        "orders",
        program,
        opts=automation.LocalWorkspaceOptions(pulumi_command=automation.PulumiCommand(os.environ["ENGINE"])),
    )
    for key, value in json.loads(os.environ["SETTINGS"]).items():
        stack.set_config(key, automation.ConfigValue(value))
    operation = sys.argv[1]
    if operation == "up":
        result = stack.up(color="never")
        print(json.dumps({"outputs": {key: each.value for key, each in result.outputs.items()}}))
    elif operation == "preview":
        result = stack.preview(color="never")
        print(json.dumps({"changes": dict(result.change_summary)}))
    else:
        stack.destroy(color="never")


main()
