#!/usr/bin/env python3
"""Writes the man pages from the command line's help and from the commented configuration file.

    manual.py commands  DUMP.json           > watchword.1        DUMP: `watchword --experimental-dump-help`
    manual.py configuration  PAGE FILE.yaml > watchword.yaml.5   PAGE, with the commented file in place of @FILE@
"""

import json
import sys


def escaped(text):
    """Escapes text for man: no line begins a request, and a hyphen is the character that can be typed."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def spelled(argument):
    """Formats an argument as a user types it: `--config FILE`."""
    value = "<" + argument.get("valueName", "value") + ">"
    if argument["kind"] == "positional":
        return escaped(value + ("..." if argument["isRepeating"] else ""))
    names = ["-" + name["name"] if name["kind"] == "short" else "--" + name["name"] for name in argument["names"]]
    return ", ".join(f"\\fB{escaped(name)}\\fR" for name in names) + (
        " " + escaped(value) if argument["kind"] == "option" else ""
    )


def own_arguments(command):
    """Leaves out --help and --version, which the page describes once for all commands."""
    return [
        argument
        for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and argument.get("valueName") not in ("help", "version")
    ]


def synopsis(command):
    parts = []
    for argument in own_arguments(command):
        text = spelled(argument)
        if argument["isRepeating"] and argument["kind"] == "option":
            text += "..."
        parts.append(f"[{text}]" if argument["isOptional"] else text)
    return " ".join(parts)


def discussion(command):
    """Formats the discussion; indented lines are examples and keep their line breaks."""
    for line in command.get("discussion", "").split("\n"):
        if line.startswith("  "):
            yield f".br\n\\ \\ {escaped(line.strip())}"
        elif line:
            yield escaped(line)
        else:
            yield ".PP"


def commands(command, words=()):
    words = (*words, command["commandName"])
    below = [one for one in command.get("subcommands", []) if one["shouldDisplay"] and one["commandName"] != "help"]
    if not below:
        yield f".SS \\fB{escaped(' '.join(words))}\\fR {synopsis(command)}"
        yield escaped(command.get("abstract", ""))
        yield ".PP"
        yield from discussion(command)
        for argument in own_arguments(command):
            yield f".TP\n{spelled(argument)}"
            default = argument.get("defaultValue")
            text = argument.get("abstract", "") + (f" (default: {default})" if default else "")
            yield escaped(text)
    for one in below:
        yield from commands(one, words)


def command_page(path):
    with open(path, encoding="utf-8") as file:
        root = json.load(file)["command"]
    yield '.TH WATCHWORD 1 "" Watchword "User Commands"'
    yield f".SH NAME\nwatchword \\- {escaped(root['abstract'].rstrip('.').lower())}"
    yield ".SH SYNOPSIS\n.B watchword\n\\fIcommand\\fR [\\fIargument\\fR...]"
    yield ".SH DESCRIPTION"
    yield from discussion(root)
    yield ".PP\nEvery command accepts \\fB\\-\\-help\\fR."
    yield ".SH COMMANDS"
    yield from commands(root)
    yield ".SH FILES\n.TP\n.I /etc/watchword/watchword.yaml\nThe configuration: \\fBwatchword.yaml\\fR(5)."
    yield ".TP\n.I /run/watchword/events.sock\nThe event socket."
    yield ".TP\n.I /var/lib/watchword/events.sqlite\nThe service's journal of events."
    yield (".TP\n.I /var/cache/watchword\n.TQ\n.I ~/.cache/watchword\n"
           "What the service and the other verbs can make again: packed weights, embeddings of texts, features of "
           "example clips.")
    yield ".SH SEE ALSO\n.BR watchword.yaml (5),\n.BR watchword.service (8)"


def configuration_page(page, path):
    with open(path, encoding="utf-8") as file:
        commented = escaped(file.read().rstrip("\n"))
    with open(page, encoding="utf-8") as file:
        yield file.read().rstrip("\n").replace("@FILE@", ".nf\n" + commented + "\n.fi")


def main(arguments):
    match arguments:
        case ["commands", dump]:
            lines = command_page(dump)
        case ["configuration", page, path]:
            lines = configuration_page(page, path)
        case _:
            sys.exit(__doc__)
    print("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
