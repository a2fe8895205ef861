"""Prints the code that an authenticator app with a secret shows at this moment (RFC 6238).

Argument: the secret in base32, such as the one that `groeilijn demo` prints."""

import base64
import hashlib
import hmac
import struct
import sys
import time

secret = base64.b32decode(sys.argv[1])
digest = hmac.digest(secret, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
offset = digest[-1] & 15
word = struct.unpack_from(">I", digest, offset)[0] & 0x7FFFFFFF
print(f"{word % 1_000_000:06}")
