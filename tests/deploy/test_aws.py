"""cfn-lint accepts the template; what it cannot know, the attributes of target groups, is asserted here (trap L4)."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.deploy import reading

PATH = reading.DEPLOY / "aws" / "collab.yaml"
# Target groups and load balancers take any key; these are the ones of an application load balancer's that exist.
TARGET_GROUP_KEYS = {
    "deregistration_delay.timeout_seconds",
    "load_balancing.algorithm.anomaly_mitigation",
    "load_balancing.algorithm.type",
    "load_balancing.cross_zone.enabled",
    "slow_start.duration_seconds",
    "stickiness.app_cookie.cookie_name",
    "stickiness.app_cookie.duration_seconds",
    "stickiness.enabled",
    "stickiness.lb_cookie.duration_seconds",
    "stickiness.type",
}
BALANCER_KEYS = {
    "access_logs.s3.bucket",
    "access_logs.s3.enabled",
    "access_logs.s3.prefix",
    "client_keep_alive.seconds",
    "deletion_protection.enabled",
    "idle_timeout.timeout_seconds",
    "routing.http.desync_mitigation_mode",
    "routing.http.drop_invalid_header_fields.enabled",
    "routing.http.preserve_host_header.enabled",
    "routing.http.xff_client_port.enabled",
    "routing.http.xff_header_processing.mode",
    "routing.http2.enabled",
}


def resources() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = reading.template(PATH.read_text())["Resources"]
    return found


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--regions", "eu-central-1", "us-east-1", "--", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_cfn_lint_has_nothing_to_say() -> None:
    run = lint(PATH)
    assert (run.returncode, run.stdout) == (0, "")


def test_cfn_lint_finds_a_wrong_property(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(PATH.read_text().replace("MaxBatchSize: 1", "MaxBatch: 1"))
    assert lint(wrong).returncode != 0


def test_target_group_and_load_balancer_have_only_keys_that_exist() -> None:
    found = resources()
    group = reading.attributes(found["TargetGroup"]["Properties"]["TargetGroupAttributes"])
    balancer = reading.attributes(found["Balancer"]["Properties"]["LoadBalancerAttributes"])
    assert set(group) <= TARGET_GROUP_KEYS
    assert set(balancer) <= BALANCER_KEYS


def test_the_target_group_is_sticky_and_asks_readyz() -> None:
    properties = resources()["TargetGroup"]["Properties"]
    group = reading.attributes(properties["TargetGroupAttributes"])
    assert group["stickiness.enabled"] == "true"
    assert group["stickiness.type"] == "lb_cookie"
    assert "slow_start.duration_seconds" not in group, "not to be had with least_outstanding_requests"
    assert (properties["HealthCheckPath"], properties["Matcher"]) == ("/readyz", {"HttpCode": "200"})
    assert properties["ProtocolVersion"] == "HTTP1", "WebSocket upgrades do not pass HTTP2 target groups"


def test_one_target_group_is_forwarded_to_without_weights() -> None:
    found = resources()
    groups = [name for name, one in found.items() if one["Type"].endswith("::TargetGroup")]
    assert groups == ["TargetGroup"]
    assert found["Listener"]["Properties"]["DefaultActions"] == [
        {"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroup"}}
    ]
    assert found["RedirectListener"]["Properties"]["DefaultActions"][0]["Type"] == "redirect"


def test_an_update_replaces_one_instance_after_the_other_and_waits_for_each() -> None:
    fleet = resources()["Fleet"]
    policy = fleet["UpdatePolicy"]["AutoScalingRollingUpdate"]
    assert policy["MaxBatchSize"] == 1
    assert policy["WaitOnResourceSignals"] is True
    assert policy["MinInstancesInService"] == fleet["Properties"]["MinSize"] == {"Ref": "Instances"}
    assert {"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification"} <= set(policy["SuspendProcesses"])
    assert fleet["CreationPolicy"]["ResourceSignal"]["Count"] == {"Ref": "Instances"}
    assert fleet["Properties"]["DefaultInstanceWarmup"] > 0


def test_an_instance_says_itself_when_it_takes_people_and_leaves_when_it_is_told() -> None:
    script = reading.user_data(PATH.read_text())
    fleet = resources()["Fleet"]
    assert "--resource Fleet " in script
    ready = script.index("/readyz; then signal 0")
    assert ready > script.index("docker run"), "the signal comes once it is ready"
    (hook,) = fleet["Properties"]["LifecycleHookSpecificationList"]
    assert hook["LifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    assert hook["DefaultResult"] == "CONTINUE"
    assert f"--lifecycle-hook-name {hook['LifecycleHookName']} " in script
    assert script.index("docker stop collab") < script.index("complete-lifecycle-action")


def test_a_database_that_is_away_does_not_replace_every_instance() -> None:
    assert resources()["Fleet"]["Properties"]["HealthCheckType"] == "EC2"


def test_only_the_load_balancer_reaches_instances() -> None:
    found = resources()
    (ingress,) = found["InstanceSecurityGroup"]["Properties"]["SecurityGroupIngress"]
    assert ingress["SourceSecurityGroupId"] == {"Ref": "BalancerSecurityGroup"}
    port = found["TargetGroup"]["Properties"]["Port"]
    assert ingress["FromPort"] == ingress["ToPort"] == port
    assert f"COLLAB_BIND=0.0.0.0:{port}" in reading.user_data(PATH.read_text())


def test_bash_can_read_what_a_machine_runs_first_and_everything_that_it_writes(tmp_path: Path) -> None:
    template = reading.template(PATH.read_text())
    names = set(template["Parameters"]) | {"AWS::StackName", "AWS::Region"}
    script = reading.user_data(PATH.read_text())
    used = set(re.findall(r"\$\{([^}]+)\}", script))
    assert used <= names, "CloudFormation replaces these and refuses others"
    script = re.sub(r"\$\{[^}]+\}", "value", script)
    inner = re.findall(r"<<'SCRIPT'\n(.*?)^SCRIPT$", script, re.S | re.M)
    assert len(inner) == 2
    for number, text in enumerate([script, *inner]):
        assert text.startswith("#!/bin/bash\n")
        path = tmp_path / f"{number}.sh"
        path.write_text(text)
        run = subprocess.run(["/bin/bash", "-n", str(path)], capture_output=True, text=True, check=False)
        assert (run.returncode, run.stderr) == (0, "")


def test_no_secret_is_a_parameter_or_stands_in_the_template() -> None:
    template = reading.template(PATH.read_text())
    assert not [name for name in template["Parameters"] if re.search(r"(?i)password|key|url", name)]
    script = reading.user_data(PATH.read_text())
    assert not re.search(r"(COLLAB_SECRET_KEY|DATABASE_URL|REDIS_URL)=", script)


def test_files_go_to_the_shared_file_system_before_anything_runs() -> None:
    """A container's own disk is gone with it, and no other instance sees it."""
    script = PATH.read_text()
    mounted, run = script.index("mount /srv/files"), script.index("docker run --detach")
    assert mounted < run
    assert "--volume /srv/files/collab:/var/lib/collab/media" in script[run : run + 600]
    assert "COLLAB_MEDIA=/var/lib/collab/media" in script
