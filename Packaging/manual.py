#!/usr/bin/env python3
"""Writes the manual pages of terrane from what the command says of itself.

usage: terrane --experimental-dump-help | manual.py VERSION DIRECTORY
"""
import json
import pathlib
import re
import sys


def escaped(text):
    """Text as roff shows it, no line of it taken for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"(?m)^\.", r"\\&.", text)


def spelled(argument):
    """An option or argument as it is typed."""
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        return f"\\fI{escaped(value)}\\fR"
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument["names"]]
    bold = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names)
    return bold + (f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else "")


def synopsis(names, command):
    words = [f"\\fB{escaped(' '.join(names))}\\fR"]
    for argument in shown(command):
        word = spelled(argument).split(", ")[-1] + (" ..." if argument["isRepeating"] else "")
        words.append(f"[{word}]" if argument["isOptional"] else word)
    if subcommands(command):
        words.append("\\fIcommand\\fR")
    return " ".join(words)


def shown(command):
    return [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]


def subcommands(command):
    return [other for other in command.get("subcommands", []) if other["shouldDisplay"] and other["commandName"] != "help"]


def page(names, command, version):
    title = "-".join(names)
    abstract = command.get("abstract", "").rstrip(".")
    lines = [f'.TH "{title.upper()}" "1" "" "terrane {version}" "User Commands"', ".SH NAME"]
    lines.append(f"{escaped(title)} \\- {escaped(abstract[:1].lower() + abstract[1:])}")
    lines += [".SH SYNOPSIS", synopsis(names, command)]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", escaped(command["discussion"]).replace("\n\n", "\n.PP\n")]
    if shown(command):
        lines.append(".SH OPTIONS")
    for argument in shown(command):
        lines += [".TP", spelled(argument), escaped(argument.get("abstract", ""))]
        if argument.get("discussion"):
            lines.append(escaped(argument["discussion"]))
    if subcommands(command):
        lines.append(".SH COMMANDS")
    for other in subcommands(command):
        lines += [".TP", f"\\fB{escaped(title)}\\-{escaped(other['commandName'])}\\fR(1)", escaped(other.get("abstract", ""))]
    others = ["terrane"] if len(names) > 1 else []
    if others:
        lines += [".SH SEE ALSO", ", ".join(f"\\fB{other}\\fR(1)" for other in others)]
    return "\n".join(lines) + "\n"


def write(names, command, version, directory):
    (directory / ("-".join(names) + ".1")).write_text(page(names, command, version))
    for other in subcommands(command):
        write(names + [other["commandName"]], other, version, directory)


def main():
    version, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    write(["terrane"], json.load(sys.stdin)["command"], version, directory)


main()
