"""What pcsc-lite's clients and its service send each other on their Unix socket, in protocol 4.4 (pcsc-lite 1.8.24 to 2.2.3).

Message layouts and command numbers: pcsc-lite `winscard_msg.h` (protocol 4.4, pcsc-lite 1.9), reader states: `eventhandler.h`.
"""

from __future__ import annotations

import struct

PROTOCOL_VERSION = (4, 4)
ESTABLISH, RELEASE, CONNECT, RECONNECT, DISCONNECT, BEGIN, END, TRANSMIT = 1, 2, 4, 5, 6, 7, 8, 9
CANCEL, VERSION, GET_STATES, WAIT, STOP_WAITING = 0x0D, 0x11, 0x12, 0x13, 0x14
# READER_STATE.readerState flags: pcsc-lite `eventhandler.h`, `pcsclite.h`.
ABSENT, PRESENT, SWALLOWED, POWERED = 0x02, 0x04, 0x08, 0x10
MAX_READERS = 16
# READER_STATE.readerSharing of a card held exclusively (`readerfactory.h`).
EXCLUSIVE = -1

READER_STATE = struct.Struct("<128sIIi33s3xII")
VERSION_BODY = struct.Struct("<iiI")
ESTABLISH_BODY = struct.Struct("<IiI")
CONNECT_BODY = struct.Struct("<I128sIIiII")
RECONNECT_BODY = struct.Struct("<iIIIII")
HANDLE_BODY = struct.Struct("<iI")
DISPOSITION_BODY = struct.Struct("<iII")
TRANSMIT_BODY = struct.Struct("<iIIIIIII")
WAIT_BODY = struct.Struct("<II")
