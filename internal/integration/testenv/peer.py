"""A peer that speaks AMQP through pika. Usage: peer.py URL COMMAND ARGUMENT..."""
import json
import sys
from decimal import Decimal
from datetime import datetime

import pika

url, command, arguments = sys.argv[1], sys.argv[2], sys.argv[3:]
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()

if command == "publish":  # as it comes: no properties at all
    exchange, key, body = arguments
    channel.basic_publish(exchange, key, body.encode())
elif command == "headers":
    exchange, key = arguments
    headers = {
        "text": "ж", "yes": True, "no": False, "nothing": None, "int": 5, "long": 1 << 40, "negative": -5,
        "decimal": Decimal("3.14"), "when": datetime(2024, 5, 6, 7, 8, 9), "list": [1, "a", [None]],
        "table": {"deep": {"deeper": [True]}}, "": "no name",
    }
    channel.basic_publish(exchange, key, b"{}", pika.BasicProperties(headers=headers))
elif command == "declare":  # the queues of a garbage consumer, as the Python system declares them
    own, queue = arguments
    post = own + ".retry.post"
    channel.exchange_declare(exchange="pyf.ex", exchange_type="topic", durable=True)
    channel.exchange_declare(exchange=post, exchange_type="direct", durable=True)
    channel.queue_declare(queue=queue, durable=True)
    channel.queue_declare(queue=queue + ".garbage", durable=True, arguments={
        "x-dead-letter-exchange": post, "x-dead-letter-routing-key": queue})
    channel.queue_bind(queue, "pyf.ex", "user.created")
    channel.queue_bind(queue, post, queue)
    channel.queue_bind(queue + ".garbage", post, queue + ".garbage")
elif command == "get":
    method, properties, body = channel.basic_get(arguments[0], auto_ack=True)
    print(json.dumps({
        "exchange": method.exchange, "routing_key": method.routing_key, "redelivered": method.redelivered, "body": body.decode(),
        "properties": {name: getattr(properties, name) for name in (
            "content_type", "content_encoding", "headers", "delivery_mode", "priority", "correlation_id", "reply_to",
            "expiration", "message_id", "timestamp", "type", "user_id", "app_id", "cluster_id")},
    }, default=str))
elif command == "reject":  # from the garbage queue: back to the main queue
    method, _, _ = channel.basic_get(arguments[0])
    channel.basic_reject(method.delivery_tag, requeue=False)
else:
    sys.exit("unknown command " + command)
connection.close()
