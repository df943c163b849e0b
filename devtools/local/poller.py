"""Calls functions with the messages of their queues: the event source mappings of a deployment, in one process.

`--applet` runs each function in a process of its own that sees the applet's folder and its kit, and nothing of
BigLedger; otherwise functions are called in this process or by the service that runs functions as Lambda does.
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

from devtools.local.applet_process import AppletProcess
from devtools.local.aws import client
from devtools.local.child import on_stop, say_ready, tether
from devtools.local.consumer import Call, Consumer
from devtools.local.faults import Switch
from devtools.local.lambda_client import functions_of
from devtools.local.templates import Deployment, Subscription


def main() -> None:
    """Deliver until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("deployment", type=Path)
    parser.add_argument("--faults", type=Path, required=True)
    parser.add_argument("--applet", action="store_true")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    stopped = on_stop()
    tether()
    deployment = Deployment.read(arguments.deployment)
    sqs = client("sqs", os.environ["AWS_ENDPOINT_URL"])
    switch = Switch(arguments.faults)
    functions = functions_of(deployment.functions)
    applets: list[AppletProcess] = []

    def call_of(subscription: Subscription) -> Call:
        if arguments.applet:
            applets.append(AppletProcess(deployment.functions[subscription.function]))
            return applets[-1].call
        functions.handler(subscription.function)  # loaded now: a function that does not load is told at the start
        return lambda event: functions.call(subscription.function, event, os.urandom(16).hex())

    consumers = [Consumer(one, call_of(one), sqs, switch) for one in deployment.subscriptions]
    for consumer in consumers:
        consumer.start()
    say_ready()
    stopped.wait()
    for consumer in consumers:
        consumer.stop()
    for applet in applets:
        applet.stop()


if __name__ == "__main__":
    main()
