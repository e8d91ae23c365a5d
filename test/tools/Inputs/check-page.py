"""Fails unless an HTML page is well-formed XML, loads nothing, and has each of the texts."""
import re
import sys
import xml.etree.ElementTree as ElementTree

path, *texts = sys.argv[1:]
page = open(path, encoding="utf-8").read()
ElementTree.fromstring(page.split("\n", 1)[1])
problems = [f"no {text!r}" for text in texts if text not in page]
problems += re.findall(r'(?:src|href)="(?!#)[^"]*"|@import|url\(', page)
sys.exit(f"{path}: {problems}" if problems else 0)
