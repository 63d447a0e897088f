#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check.py WRITE_PAGES: what a browser makes of a page. Nothing is printed to its console, the worst module is first, a header
sorts, no width makes the page itself scroll sideways, and a dark page is dark.

Scripts are added to copies of the page; they write what they find into its title. Ends with 77, which ctest calls skipped,
without Chromium.
"""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LOOK = """
const body = document.querySelector('tbody'), heads = [...document.querySelectorAll('thead th')], found = {};
const column = name => heads.findIndex(head => head.querySelector('span').textContent === name);
const cells = name => [...body.rows].map(row => row.cells[column(name)].textContent);
const press = name => { const button = heads[column(name)].querySelector('button'); button.focus();
  found.focus = document.activeElement === button; button.click();
  return heads.map(head => head.getAttribute('aria-sort')).filter(order => order).join() + ' ' +
    heads[column(name)].getAttribute('aria-sort'); };
found.first = cells('Module');
found.values = cells('SQNR').map(parseFloat);
found.orders = [press('SQNR'), press('SQNR'), press('Module')];
found.modules = cells('Module');
found.orders.push(press('Lost here'));
found.lost = cells('Lost here');
found.orders.push(press('Lost here'));
found.gained = cells('Lost here');
found.orders.push(press('Step'));
found.steps = cells('Step').map(Number);
found.width = [document.documentElement.scrollWidth, innerWidth];
found.paper = getComputedStyle(document.body).backgroundColor;
document.title = JSON.stringify(found);
parent.postMessage(document.title, '*');
"""


def browse(chromium, page, *options):
    """(document, lines that were written to the console)"""
    with tempfile.TemporaryDirectory() as profile:
        run = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + profile,
                              "--enable-logging=stderr", "--v=0", *options, "--dump-dom", "file://" + page],
                             capture_output=True, text=True, timeout=120, errors="replace")
    assert run.returncode == 0 and "<html" in run.stdout, run.stderr
    return run.stdout, [line for line in run.stderr.splitlines() if ":CONSOLE" in line]


def with_script(page, name, script):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    copy = os.path.join(os.path.dirname(page), name)
    with open(copy, "w", encoding="utf-8") as file:
        file.write(text.replace("</body>", "<script>" + script + "</script></body>"))
    return copy


def look(chromium, page, *options, width=None):
    """What the script finds. `width`: in pixels, of a frame, because no window is narrower than 500."""
    looked = with_script(page, "look.html", LOOK)
    if width:
        looked = os.path.join(os.path.dirname(page), "frame.html")
        with open(looked, "w", encoding="utf-8") as file:
            file.write("<!DOCTYPE html><html><title></title><iframe src=look.html style='width: %dpx; height: 800px'></iframe>"
                       "<script>onmessage = event => { document.title = event.data; }</script></html>" % width)
    document, console = browse(chromium, looked, *options)
    assert not console, console
    return json.loads(html.unescape(re.search(r"<title>(\{.*?)</title>", document, re.S)[1]))


def numbers(texts):
    return [float(text) for text in texts if text != "–"]


def check(chromium, page):
    document, console = browse(chromium, page)
    assert not console, console
    assert re.search(r"<tbody>\s*<tr><th[^>]*><code><a[^>]*>second<", document), "the worst module does not stand first"

    found = look(chromium, page, "--window-size=1440,900")
    assert found["first"][0] == "second" and found["values"][:-1] == sorted(found["values"][:-1]), found
    assert found["focus"], "a header takes no focus"
    one = ["descending", "ascending", "ascending", "descending", "ascending", "ascending"]
    assert found["orders"] == [order + " " + order for order in one], found["orders"]
    assert found["modules"] == sorted(found["first"]), found["modules"]
    assert numbers(found["lost"]) == sorted(numbers(found["lost"]), reverse=True), found["lost"]
    assert numbers(found["gained"]) == sorted(numbers(found["lost"])), found["gained"]
    assert found["lost"][-1] == found["gained"][-1] == "–", "modules without a figure are last in both orders"
    assert found["steps"] == sorted(found["steps"]) and len(found["steps"]) == len(found["first"]), found["steps"]
    assert found["width"][0] <= found["width"][1], found["width"]

    narrow = look(chromium, page, "--blink-settings=preferredColorScheme=0", width=400)
    assert narrow["width"][1] == 400 and narrow["width"][0] <= narrow["width"][1], narrow["width"]
    assert narrow["paper"] != found["paper"], "a dark page is light"

    # What is looked for would be found.
    _, console = browse(chromium, with_script(page, "log.html", "console.log('seen')"))
    assert any("seen" in line for line in console), "the console is not seen"
    _, console = browse(chromium, with_script(page, "load.html", "document.head.append(Object.assign(document.createElement("
                                                                "'script'), {src: 'https://localhost/x.js'}))"))
    assert any("Content Security Policy" in line for line in console), "a page may load scripts from elsewhere"


def main():
    chromium = next((path for path in map(shutil.which, NAMES) if path), None)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        if not chromium:
            print("no Chromium: the page was written, and no browser has read it")
            return SKIPPED
        check(chromium, os.path.join(folder, "report.html"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
