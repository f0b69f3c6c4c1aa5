"""Starts ministack, and lets it pass over the two things in template.yaml that it lacks.

It knows no CodeDeploy, which shifts traffic between versions, and no alarms with metric math. A stack
with these would be refused whole; here they are accepted and do nothing. Everything else is its own work.
"""

from ministack.app import main
from ministack.services.cloudformation import provisioners

HANDLERS = provisioners._RESOURCE_HANDLERS
NOTHING = {
    "create": lambda logical_id, properties, stack: (logical_id, {}),
    "delete": lambda physical_id, properties: None,
}
ALARM = HANDLERS["AWS::CloudWatch::Alarm"]


def alarm(logical_id, properties, stack):
    handler = NOTHING if "Metrics" in properties else ALARM
    return handler["create"](logical_id, properties, stack)


HANDLERS["AWS::CloudWatch::Alarm"] = {**ALARM, "create": alarm}
for name in ("Application", "DeploymentGroup"):
    HANDLERS[f"AWS::CodeDeploy::{name}"] = NOTHING
main()
