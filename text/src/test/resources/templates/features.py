"""Writes features.jsonl: what Jinja2 3.1 with Hugging Face's settings makes of small templates.

python3 features.py > features.jsonl
"""

import datetime
import json

from jinja2.exceptions import TemplateError, UndefinedError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

CONTEXT = {
    "s": "Hello, Wörld!",
    "emoji": "a👋b👍c",
    "n": 42,
    "f": 2.5,
    "t": True,
    "none": None,
    "xs": [3, 1, 2],
    "words": ["pear", "Apple", "fig"],
    "d": {"b": 1, "a": [1, 2.0, "x'y"], "items": "shadow", "né": None},
    "users": [
        {"name": "Zoë", "age": 30, "tags": ["x"], "active": True},
        {"name": "al", "age": 4, "tags": [], "active": False},
        {"name": "Bob", "age": 30, "active": True},
    ],
    "big": 123456789012345678901234567890,
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}],
    "html": "<a href=\"x\">'&'</a>",
}

SOURCES = r"""
{{ 1 + 2 * 3 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % -3 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** -1 }} {{ 6 / 3 }}
{{ 1e3 }} {{ 1.5e-7 }} {{ 1e16 }} {{ 123456789.125 }} {{ 0.1 + 0.2 }} {{ 1e22 }} {{ 5.0 // 2 }} {{ -5.5 % 2 }} {{ 1_000 }}
{{ 0x1f }} {{ 0b101 }} {{ 0o17 }} {{ big }} {{ big * big }} {{ big // 7 }} {{ -big % 97 }} {{ big / 3 }}
{{ -2 ** 2 }} {{ 2 ** 3 ** 2 }} {{ -n }} {{ +n }} {{ not n }} {{ n and 'y' or 'z' }} {{ 0 or none }} {{ '' and 1 }}
{{ 'a' ~ 1 + 2 ~ 'b' }}
{{ 1 ~ 2 ~ none ~ true ~ 1.0 ~ [1] }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ '1' == 1 }}
{{ (1, 2) == [1, 2] }} {{ [1, 2] == [1, 2.0] }} {{ {'a': 1} == {'a': 1.0} }} {{ none == false }} {{ x == y }}
{{ 'ell' in s }} {{ 2 in xs }} {{ 'b' in d }} {{ 'z' not in d }} {{ 1.0 in xs }} {{ not 1 in xs }} {{ 'q' in nothing }}
{{ s[0] }}{{ s[-1] }}{{ s[1:4] }}{{ s[::-1] }}{{ s[::2] }}{{ s[-3:] }}{{ s[:-3] }}{{ s[10:2:-2] }}{{ s[100:] }}{{ s[5:2] }}
{{ emoji|length }} {{ emoji[1] }} {{ emoji[::-1] }} {{ emoji[2:] }} {{ emoji[1:4:2] }} {{ emoji.find('b') }} {{ emoji|reverse }}
{{ xs[1:] }} {{ xs[::-1] }} {{ xs[:1] }} {{ xs[-2:] }} {{ xs[5] }} {{ xs[-1] }} {{ xs[none:2] }} {{ (1, 2, 3)[1:] }}
{{ d }} {{ xs }} {{ (1,) }} {{ () }} {{ [] }} {{ {} }} {{ [none, true, 1.5, 'a"b', "it's", "both'\"", '\n\t\\'] }} {{ ['é', '\x00', '\u200b', '👋'] }}
{{ d.items is callable }} {{ d['items'] }} {{ d.b }} {{ d.zzz }} {{ d.get('b') }} {{ d.get('zzz') }} {{ d.get('zzz', 9) }} {{ d['né'] }}
{{ d.items() }} {{ d.keys() }} {{ d.values() }} {{ d.keys()|list }} {{ d.items()|list }} {{ range(3) }} {{ range(1, 10, 3)|list }} {{ range(5, 0, -2)|list }}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in d %}{{ loop.index }}/{{ loop.length }}:{{ k }}{{ ', ' if not loop.last }}{% endfor %}
{% for x in xs %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.previtem }}|{{ loop.nextitem }};{% endfor %}
{% for x in xs if x > 1 %}{{ x }}{{ loop.length }}{% else %}none{% endfor %} {% for x in xs if x > 9 %}{{ x }}{% else %}none{% endfor %}
{% for x in xs %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }} {% endfor %}
{% for x in [1, 2, 3, 4, 5] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for n in tree recursive %}{{ n.v }}@{{ loop.depth }}{% if n.c %}({{ loop(n.c) }}){% endif %}{% endfor %}
{% for a, (b, c) in [(1, (2, 3)), [4, [5, 6]]] %}{{ a }}{{ b }}{{ c }} {% endfor %}
{% set x = 1 %}{% for i in xs %}{% set x = x + i %}{{ x }},{% endfor %}{{ x }}
{% set ns = namespace(x=0, y='a') %}{% for i in xs %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}{{ ns.z is defined }} {{ ns }}
{% set a, b = 1, 2 %}{{ b }}{{ a }} {% set t = 1, 2 %}{{ t }} {{ 1, 2 }}
{% set x %}  in {{ n }} {% endset %}[{{ x }}] {% set y | upper | trim %} abc {% endset %}[{{ y }}]
{% if x is defined and x %}1{% elif n > 40 %}2{% else %}3{% endif %}
{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}
{% filter upper %}abc {{ s }}{% endfilter %}
{% macro m(a, b=2, c=a) %}[{{ a }},{{ b }},{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, c=3) }}{{ m() }}{{ m(b=1, a=0) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m(x) %}<{{ caller(x) }}>{% endmacro %}{% call(y) m(5) %}{{ y + 1 }}{% endcall %}
{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(5) }} {{ m.name }}
{% macro m() %}{{ later }}{% endmacro %}{% set later = 'yes' %}{{ m() }}
{% macro m(a) %}x{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}x{% endmacro %}{{ m(z=1) }}
{{ s.upper() }} {{ s.lower() }} {{ s.title() }} {{ s.capitalize() }} {{ s.swapcase() }} {{ 'ß'.upper() }} {{ "they're bill's".title() }} {{ "they're bill's-own (x"|title }}
[{{ '  a b '.strip() }}] [{{ ' a'.lstrip() }}] [{{ 'a '.rstrip() }}] [{{ 'xxaxx'.strip('x') }}] [{{ '\n\na\n'.lstrip('\n') }}] [{{ 'abcba'.strip('ab') }}] [{{ 'xay'.strip(none) }}]
{{ 'a,b,,c'.split(',') }} {{ ' a  b c '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ ' a b  c '.split(none, 1) }} {{ ' a b  c '.rsplit(none, 1) }} {{ 'abc'.split('</think>')[-1] }}
{{ 'aaa'.replace('a', 'b') }} {{ 'aaa'.replace('a', 'b', 2) }} {{ 'abc'.replace('', '-') }} {{ 'abc'.replace('', '-', 2) }} {{ 'aaa'|replace('aa', 'x') }} {{ ''.replace('', 'x') }}
{{ s.startswith('He') }} {{ s.endswith(('x', '!')) }} {{ s.startswith('l', 2) }} {{ s.find('o') }} {{ s.rfind('o') }} {{ s.count('l') }} {{ s.index('W') }} {{ s.find('zz') }} {{ s.find('l', 4) }} {{ 'aXbXc'.rfind('X', 0, 3) }}
{{ 'a\nb\r\nc\n'.splitlines() }} {{ 'a\nb'.splitlines(true) }} {{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'abc'.partition('x') }} {{ 'prefix_x'.removeprefix('prefix_') }} {{ 'x.py'.removesuffix('.py') }}
{{ '-'.join(['a', 'b']) }} {{ 'x'.center(6, '*') }} {{ 'xy'.center(5, '*') }} {{ 'x'.ljust(3) }}| {{ 'x'.rjust(3) }} {{ '-5'.zfill(4) }} {{ 'ab'.isalpha() }} {{ '12'.isdigit() }} {{ ''.isdigit() }} {{ 'AB1'.isupper() }} {{ 'aB'.islower() }} {{ ' '.isspace() }} {{ 'a1'.isalnum() }} {{ '½'.isnumeric() }}
{{ '{} {0} {}'.format(1, 2) if false else '{0}-{1}-{0}'.format('a', 'b') }} {{ '{x:>5}|{x:<5}|{x:^5}|{n:05d}|{f:.2f}|{f:+.1f}|{b:,}|{{}}'.format(x='ab', n=42, f=3.14159, b=1234567) }}
{{ '%s-%d-%.2f-%5s|%-5s|%05d|%x|%r|%%' % ('a', 3, 2.345, 'b', 'c', 42, 255, 'q') }} {{ '%s' % 'x' }} {{ '%(a)s' % {'a': 1} }} {{ '%s %s'|format('a', 2) }} {{ '%e' % 12345.678 }}
{{ 'ab' * 3 }} {{ 3 * [1] }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'a' 'b' }}
{{ '\x41\u00e9\U0001F44B\101\q\'\"' }} {{ "\N{BULLET}" }}
{{ words|sort }} {{ words|sort(reverse=true) }} {{ words|sort(case_sensitive=true) }} {{ users|sort(attribute='age,name')|map(attribute='name')|list }} {{ users|sort(attribute='age', reverse=true)|map(attribute='name')|join(',') }}
{{ d|dictsort }} {{ {'b': 1, 'A': 2}|dictsort }} {{ {'b': 1, 'A': 2}|dictsort(true) }} {{ {'b': 1, 'A': 2}|dictsort(by='value', reverse=true) }}
{{ xs|join(', ') }} {{ xs|first }} {{ xs|last }} {{ xs|max }} {{ xs|min }} {{ xs|sum }} {{ users|sum(attribute='age') }} {{ xs|length }} {{ xs|count }} {{ ''|first }} {{ [] | max }} {{ words|max }}
{{ words|map('upper')|list }} {{ words|map('replace', 'p', 'q')|list }} {{ users|map(attribute='tags', default='-')|list }}
{{ users[:2]|map(attribute='tags.0')|list|length }}
{{ users|map(attribute='tags.0')|list }}
{{ users|selectattr('active')|map(attribute='name')|list }} {{ users|rejectattr('active')|list|length }} {{ users|selectattr('age', '>', 10)|list|length }} {{ users|selectattr('name', 'in', ['al', 'Bob'])|map(attribute='age')|list }} {{ users|selectattr('tags', 'defined')|list|length }}
{{ xs|select('odd')|list }} {{ xs|reject('odd')|list }} {{ [0, 1, '', 'a']|select|list }} {{ [1, 1, 2, 'a', 'A']|unique|list }} {{ xs|reverse|list }} {{ none|select('odd')|list }}
{{ xs|batch(2)|list }} {{ xs|batch(2, 0)|list }} {{ [1, 2, 3, 4, 5]|slice(3)|list }} {{ [1, 2, 3, 4, 5]|slice(3, 'x')|list }} {{ d|items|list }} {{ nothing|items|list }}
{% if xs|selectattr('zz') %}truthy{% endif %} {% set g = xs|map('string') %}{{ g|list }}{{ g|list }} {{ xs|select is iterable }} {{ xs|select is sequence }} {{ xs|select('odd')|first }}
{{ d|tojson }} {{ d|tojson(indent=2) }} {{ d|tojson(ensure_ascii=true) }} {{ d|tojson(sort_keys=true) }} {{ d|tojson(separators=(',', ':')) }} {{ html|tojson }} {{ [1.0, 1e20, true, none, (1, 2), {}, []]|tojson(indent=1) }} {{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }} {{ '\x01\x7f\u2028/👋'|tojson }} {{ '👋'|tojson(ensure_ascii=true) }} {{ {'a': [1]}|tojson(indent='\t') }}
{{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 2.1|round(method='ceil') }} {{ 2.9|round(0, 'floor') }} {{ 5|round }} {{ 1234|round(-2) }} {{ -3|abs }} {{ -2.5|abs }} {{ '12'|int }} {{ '1.9'|int }} {{ 'x'|int }} {{ 'x'|int(5) }} {{ 'ff'|int(base=16) }} {{ '0x1F'|int(base=16) }} {{ 3.99|int }} {{ '2.5'|float }} {{ 'x'|float }} {{ ' 7 '|int }} {{ none|int }} {{ true|int }} {{ '1_0'|int }} {{ '1e3'|float }}
{{ nothing|default('x') }} {{ ''|default('x') }} {{ ''|default('x', true) }} {{ none|d('x') }} {{ nothing|d }} {{ none|default('y', boolean=true) }}
[{{ '  x '|trim }}] {{ 'xxaxx'|trim('x') }} {{ 'ABC'|lower }} {{ 'abc'|upper }} {{ 'abc DEF'|capitalize }} {{ 12|string ~ 'x' }} {{ 'abc'|list }} {{ 'a b'|urlencode }} {{ {'a b': 'c/d'}|urlencode }} {{ 'one two  three'|wordcount }} {{ 'x'|center(5) }}|
{{ 'a\nb\n\nc'|indent }} {{ 'a\nb'|indent(2, true) }} {{ 'a\n\nb'|indent(2, blank=true) }} {{ 'a\nb'|indent('> ') }}
{{ 'foo bar baz qux'|truncate(9) }} {{ 'foo bar baz qux'|truncate(9, true) }} {{ 'foo bar baz qux'|truncate(11) }} {{ 'foo bar baz qux'|truncate(11, false, '...', 0) }}
{{ html|e }} {{ html|safe }} {{ ('<b>'|safe) + '<i>' }} {{ '<i>' + ('<b>'|safe) }} {{ ('<b>'|safe) ~ '<i>' }} {{ ('<b>'|e)|e }} {{ ('<b>'|safe)|upper + '&' }} {{ '<'|forceescape }} {{ ('%s'|safe) % '<' }} {{ [('<'|safe)] }}
{{ n is defined }} {{ zz is defined }} {{ zz is undefined }} {{ none is none }} {{ n is number }} {{ true is number }} {{ true is integer }} {{ n is integer }} {{ f is float }} {{ s is string }} {{ d is mapping }} {{ xs is iterable }} {{ s is iterable }} {{ n is iterable }} {{ d is sequence }} {{ d.keys() is sequence }} {{ zz is iterable }} {{ zz is sequence }} {{ t is boolean }} {{ t is true }} {{ 1 is true }} {{ false is false }}
{{ 3 is odd }} {{ 3 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(4) }} {{ 1 is in xs }} {{ 'a' is lower }} {{ 'A' is upper }} {{ n is eq 42 }} {{ n is gt(3) }} {{ range is callable }} {{ s is not string }} {{ n is not none and n }} {{ 'y' if 'x' is string else 'n' }}
{{ 'a' if n > 50 }}| {{ 'a' if n else 'b' }} {{ ('x' if t) is defined }} {{ 1 if f else 2 if n else 3 }}
{{ nothing }}[{{ nothing|length }}]{% for x in nothing %}x{% else %}empty{% endfor %}{{ nothing is none }} {{ [nothing] }} {{ nothing|list }} {{ nothing|string }}
{{ dict(a=1, b=2) }} {{ dict({'x': 1}, y=2) }} {{ dict([('k', 'v')]) }} {{ {1: 'a', 1.0: 'b', true: 'c'} }} {{ {'a': 1, 'a': 2} }}
{% set j = joiner(', ') %}{% for x in xs %}{{ j() }}{{ x }}{% endfor %}
{{ strftime_now('%Y-%m-%d %d %b %Y %B %A %a %H:%M:%S %I %p %j %y %%') }}
{% raw %}{{ x }} {% if %}{% endraw %} {# comment {{ x }} #}after
{%- raw -%}  a {%- endraw %}  b
a {{- n -}} b {%- if t -%} c {%- endif -%} d {#- e -#} f
{{ xs.count(1) }} {{ xs.index(2) }} {{ (1, 1).count(1) }} {{ d.copy() == d }}
{{ m(*[1], **{'b': 2}) if m is defined else dict(**{'q': 1}) }} {{ range(*[1, 3])|list }}
{{ {'a': {'b': {'c': 1}}}.a.b.c }} {{ [[1, [2]]].0.1[0] }} {{ xs.0 }} {{ users[0].name[0] }} {{ users[1]['name'] }}
{{ users|map(attribute='name')|map('lower')|sort|join('-') }} {{ 'a'|attr('upper') is callable }} {{ d|attr('b') is defined }}
{{ nothing.foo }}
{{ nothing + 1 }}
{{ nothing() }}
{{ s.nope() }}
{{ d.nope.deeper }}
{{ xs[9].x }}
{{ none.x.y }}
{{ none.x }}|{{ n.x }}|{{ xs.x }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ [1] + (2,) }}
{{ 1 / 0 }}
{{ 1 < 'a' }}
{{ nothing < 1 }}
{{ n() }}
{{ n|length }}
{% for x in n %}{% endfor %}
{{ xs.append(1) }}
{{ d.update({}) }}
{{ d.pop }}|{{ xs.append is defined }}
{{ ''.__class__.__mro__ }}
{{ {[]: 1} }}
{{ raise_exception('No ' ~ n) }}
{{ raise_exception() }}
{{ n|nofilter }}
{{ n is notest }}
{% set n.x = 1 %}
{% set a, b = [1] %}
{% set a, b = [1, 2, 3] %}
{{ loop }}
{{ range(1000000) }}
{{ nothing|tojson }}
{{ xs|map('upper')|tojson }}
{{ 'abc'.index('z') }}
{{ 'a'.split('') }}
{{ xs[::0] }}
{{ d|first }} {{ d|list }} {{ d|length }} {{ d|join('-') }}
{{ 'x' if nothing else 'y' }} {{ nothing or 'z' }} {{ not nothing }}
{{ [1, 2, 3,] }} {{ {'a': 1,} }} {{ (1) }} {{ (1, ) }} {{ [[], [[]]] }}
{{ true }} {{ True }} {{ false }} {{ None }} {{ none }}
{{ 10 is divisibleby 5 and 'yes' }} {{ not t is true }}
{% for x in xs %}{% for y in xs if y < x %}{{ x }}{{ y }}{{ loop.index }} {% endfor %}{% endfor %}
{% for c in 'héy' %}{{ c }}.{% endfor %} {% for i in range(3) %}{{ i }}{% endfor %} {% for a in [1, 2]|reverse %}{{ a }}{% endfor %}
{{ s|length }} {{ s|upper|lower|title|replace('l', 'L')|trim }} {{ (s|length) > 3 and (xs|length) < 9 }} {{ -1|abs }} {{ 'a' ~ 'b'|upper }}
{{ 'Straße'.lower() }} {{ 'ΑΣ'.lower() }} {{ 'ǆ'.title() }} {{ 'İ'.lower()|length }} {{ 'ŉ'.upper() }}
{% generation %}x{% endgeneration %}
"""

LAYOUTS = [
    "{% if t %}\n  a\n  {% endif %}\nb\n",
    "  {% if t %}  \n a {{ n }}\n\t{% endif %}\n\n b",
    "x {% if t %}\ny\n{% endif %} z\n\n",
    "  {%+ if t %}\n  q{%+ endif %}\nr",
    "{% if t +%}\nkept\n{% endif -%}\n\n  eaten",
    "{# one #}\n  {# two #}  \nthree {# four #}\nfive",
    "a\r\nb\rc\n{{ n }}\r\n",
    "{% for x in xs %}\n  - {{ x }}\n{% endfor %}\nend",
    "{% for x in xs -%}\n  - {{ x }}\n{%- endfor %}\nend\n\n",
    "  {{ n }}\n  {{- n }}\n  {{ n -}}\n  x",
    "{%- set a = 1 -%}\n\n{{ a }}\n{% set b = 2 %}{{ b }}",
    "{{ '{{' }}{{ \"}}\" }}{{ {'a': {'b': 1}} }}{{ {'a': {'b': 1}}}}",
    "{% raw %}\n  {{ a }}\n  {% endraw %}\nb",
    "\u00a0{%- if t -%}\u2003x{%- endif %}\u3000y",
    "{% macro m() %}\n  x\n{% endmacro %}\n[{{ m() }}]",
    "{{ n\n+\n1 }}\n{{ [\n1,\n2\n] }}",
    "", "\n", "\n\n", "{{ n }}\n", "{", "{ {", "}}", "%}", "#}", "{{ '\\n' }}\n\n",
]

BROKEN = [
    "{{ n", "{% if t %}", "{{ }}", "{% endif %}", "{% if %}x{% endif %}", "{{ 'a }}", "{{ (1 }}", "{{ 1) }}",
    "{# x", "{% raw %}x", "{% nope %}", "{% for x xs %}{% endfor %}", "{% set 1 = 2 %}", "{{ a b }}",
    "{% for x in xs %}{% endif %}", "{{ a. }}", "{{ 1 + }}", "{{ a[ }}", "{% break %}", "{{ $ }}", "{% set true = 1 %}",
    "{% macro m(a=1, b) %}{% endmacro %}", "{{ f(a=1, 2) }}", "{% else %}", "{{ x is }}", "{{ x | }}", "{{ [1 2] }}",
]


def environment():
    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise TemplateError(message)

    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda f: datetime.datetime(2024, 7, 26).strftime(f)
    return env


def row(source):
    try:
        template = environment().from_string(source)
    except Exception as e:
        return {"source": source, "syntax_error": str(e)}
    try:
        return {"source": source, "expected": template.render(**CONTEXT)}
    except UndefinedError as e:
        return {"source": source, "error": e.message}
    except TemplateError as e:
        return {"source": source, "error": str(e)}
    except Exception as e:
        return {"source": source, "python_error": str(e)}


print(json.dumps({"context": CONTEXT}, ensure_ascii=False))
for source in SOURCES.strip("\n").split("\n")[:-1] + LAYOUTS + BROKEN:
    print(json.dumps(row(source), ensure_ascii=False))
