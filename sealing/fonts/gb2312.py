"""Prints every character of GB 2312 and printable ASCII, for pyftsubset."""

characters = {chr(code) for code in range(0x20, 0x7F)}
for high in range(0xA1, 0xF8):
    for low in range(0xA1, 0xFF):
        try:
            characters.add(bytes([high, low]).decode("gb2312"))
        except UnicodeDecodeError:
            continue
print("".join(sorted(characters)), end="")
