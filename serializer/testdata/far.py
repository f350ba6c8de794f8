"""Prints far.json: what Django REST Framework answers to kinds, rules and combinations beyond those that were recorded, each with the values of a
common pool and some of its own.

    python3 far.py > far.json

It was made with Django 3.2.25 and Django REST Framework 3.14.0 (the packages of Debian 12). "pool" has texts of JSON; in "sketches" each
declaration has rows of the texts with one answer, as places in the pool or as texts of their own, the answer as DRF shows it, or its errors and
codes. The texts are the value of "f", or the whole input of declarations with a name.
"""
import json, sys, uuid
from datetime import timedelta
from decimal import Decimal
import django
from django.conf import settings
settings.configure(USE_TZ=True, TIME_ZONE='UTC', INSTALLED_APPS=['rest_framework'], USE_I18N=False,
                   DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}})
django.setup()
from django.db import connection, models
from rest_framework import serializers
from rest_framework.serializers import *
from rest_framework.fields import *
from rest_framework.relations import *
from rest_framework.renderers import JSONRenderer
import json

class Num(models.Model):
    class Meta: app_label = 'far'
class Word(models.Model):
    id = models.CharField(primary_key=True, max_length=9)
    class Meta: app_label = 'far'
class Id(models.Model):
    id = models.UUIDField(primary_key=True)
    class Meta: app_label = 'far'
with connection.schema_editor() as e:
    for m in (Num, Word, Id): e.create_model(m)
for i in (1, 2): Num.objects.create(id=i)
for w in ('a', '1', 'True'): Word.objects.create(id=w)
Id.objects.create(id=uuid.UUID(int=1))

class Line(Serializer):
    a = CharField(max_length=2)
    n = IntegerField(min_value=0, default=1)
class Pair(Serializer):
    a = IntegerField()
    b = IntegerField(required=False, default=5)
    def validate(self, data):
        if data.get('a', 0) > data.get('b', 9): raise ValidationError('Backwards.', code='order')
        if data.get('a') == -1: raise ValidationError({'b': ['Odd.', 'Very odd.']})
        return data
class Tree(Serializer):
    line = Line()
    maybe = Line(allow_null=True, required=False)
    lines = Line(many=True, allow_empty=False)
    pairs = Pair(many=True, required=False)
class Combo(Serializer):
    req = CharField()
    opt = CharField(required=False)
    null = CharField(allow_null=True)
    both = CharField(required=False, allow_null=True)
    blank = CharField(allow_blank=True)
    dflt = CharField(default='d')
    nulldflt = IntegerField(default=3, allow_null=True)
    ro = CharField(read_only=True)
    wo = CharField(write_only=True, required=False)
    src = CharField(source='other', max_length=3)
    num = IntegerField(min_value=1, max_value=3, required=False)
class Late(Serializer):
    f = CharField(max_length=3)
    g = IntegerField(required=False)
    def validate_f(self, v):
        if v == 'no': raise ValidationError('No.', code='no')
        if v == 'two': raise ValidationError(['One.', 'Two.'])
        return v

def sent(shown, s, data):  # without what a change leaves as it is
    if isinstance(s, ListSerializer): return [sent(x, s.child, d) for x, d in zip(shown, data)]
    if not isinstance(s, Serializer) or shown is None: return shown
    return {k: sent(v, s.fields[k], data[s.fields[k].source]) for k, v in shown.items() if s.fields[k].source in data}
def shown(s):
    many = isinstance(s, ListSerializer)
    cls = type(s.child if many else s)
    try: text = JSONRenderer().render(cls(instance=s.validated_data, many=many).data).decode()
    except Exception as e: return 'not shown: ' + type(e).__name__
    return json.dumps(sent(json.loads(text), s, s.validated_data)) if s.partial else text
def codes(e):
    if isinstance(e, dict): return {str(k): codes(x) for k, x in e.items()}
    if isinstance(e, list): return [codes(x) for x in e]
    return e.code
def answer(cls, text, **how):
    s = cls(data=json.loads(text), **how)
    if s.is_valid(): return [shown(s), None, None]
    return [None, json.loads(json.dumps(s.errors)), codes(s.errors)]

pool = '''null true false 0 1 -1 2 3 5 7 -5 -6 10 -0 -0.0 1.0 1.5 -1.5 2.25 2.250 0.5 1e2 1E+2 1e-2 1e5 1e16 1e17 1e22 1.5e-7 123456789.125 0.1 0.30000000000000004 99999999999999999999 9007199254740993 1e308 12345678901234567
"" " " "\\t" "  x  " "a" "b" "A" "ab" "abc" "abcd" " ab " "true" "True" "null" "None" "0" "1" "2" "-1" "1.0" "1." "1.5" ".5" "+1" "1e3" "1_0" "12" "１２" "٣" "1 " "NaN" "-inf" "Infinity" "é" "日本" "e\\u0301" "\\ud83d\\ude00" "😀😀😀" "a\\u0000b" "\\ud800" "a\\udc00" "\\u2028" "'" "\\"" "a'b" "\\\\" "\\n" "a\\nb" "\\u00a0" "\\u00a0x\\u00a0" "\\ufeff" "\\u200b" "\\u001fx" "\\u0085y" "\\u3000"
[] [1] ["a"] [""] [null] [[]] [[1]] [{}] [true] [1.5] ["1"] [1,2] [1,1] [2,1] ["a","b"] ["b","a","a"] ["abc"] [1,"a",null,true,1.5,{"k":"v"},[0]] ["a",1] [1,"x",null] {} {"a":1} {"a":"b"} {"a":null} {"a":[]} {"a":[1]} {"a":[1,"x"]} {"a":{}} {"a":{"b":1}} {"a":{"b":"x"}} {"a":true} {"a":1.5} {"a":"1.5"} {"a":""} {"":1} {"a":"x","b":2} {"b":1,"a":"abc"} {"a":1,"a":2} {"a":"x","a":1} {"é":[1]}'''.split('\n')
def split(text):  # texts of JSON, with spaces between and inside of strings
    out, dec, i = [], json.JSONDecoder(), 0
    while i < len(text):
        if text[i] == ' ': i += 1; continue
        _, end = dec.raw_decode(text, i)
        out.append(text[i:end]); i = end
    return out
pool = [x for line in pool for x in split(line)]
TIMES = split('''"2020-01-02" "2020-01-02T03:04" "2020-01-02T03:04:05" "2020-01-02T03:04:05Z" "2020-01-02 03:04:05+02:00" "2020-01-02T03:04:05.000001+0530" "2020-01-02T03:04:05.1-11" "2020-01-02T24:00:00Z" "2020-01-02T23:59:60Z" "2016-12-31T23:59:60Z" "2020-01-02T03:04:05.9999999Z" "2020-01-02T03:04:05+14:00" "2020-01-02T03:04:05-00:00" "2020-01-02T03:04:05+00:60" "2020-01-02T03:04:05+0:30" "2020-01-02T03:04:05+030" "2020-01-02T03:04:05+03:0" "2020-01-02T03:04:05+03:000" "2020-01-02T03:04:05 +03:00" "2020-01-02T03:04:05UTC" "2020-01-02T03:04Z" "2020-01-02T3:4Z" "2020-01-02T03:04:05.Z" "2020-01-02T03:04:05,25Z" "2020-01-02T03:04:05.1234567890123Z" "2020-02-29T00:00:00Z" "2021-02-29T00:00:00Z" "0001-01-01T00:00:00Z" "0001-01-01T00:00:00+00:01" "9999-12-31T23:59:59.999999Z" "9999-12-31T23:59:59-00:01" "10000-01-01T00:00:00Z" "2020-00-01" "2020-01-00" "2020-1-1" "2020-12-32" "02.01.2020" "02.01.2020 03:04:05" "2020/01/02" "2020/1/2" "03:04" "03:04:05" "03:04:05.5" "24:00" "00:00" "23:59:59.999999" "3:04" "03:4" "03:60" "2020-01-02T03:04:05Z " "2020-01-02T03:04:05Z\\n" "2020-01-02\\n" " 2020-01-02" "2020-01-02T00:00:00-24:00" "2020-01-02T00:00:00+23:59" "1969-12-31T23:59:59.5Z" "2020-01-02T03:04:0aZ" "202c-01-02T03:04:05Z" "2020-01-02T03:04:0.Z" "2021-02-2-T00:00:00Z" "2020-01-02T03:04:05.00000*Z" 20200102 1577934245 "1577934245"''')
TOOK = split('''"0" "1" "1.000001" "0:01" "00:00:00.999999" "1 00:00:00" "1 00:00:00.000001" "-1" "-0:00:01" "-1 23:59:59" "P1D" "P1W" "PT1S" "PT0.5S" "PT24H" "P0D" "PT1M30S" "-PT5S" "P1Y" "P1M" "1d" "1 day" "2 days 3:04:05" "25:00:00" "1:60:60" "::1" "1:" "86400" "86401" 86400 86400.000001 0.5 -0.5 1e5 "1e1" "0.0000004" "0.0000006"''')
NUMS = split('''"0.00" "00.5" "-00.50" "+.5" "." "-" "+" "1e" "e1" "1e+" "1E-2" "12e-1" "1200e-2" "1e-10" "0e5" "0e-5" "0.0e10" "1e0" "-1e0" "0.1234567890" "1234567890.0123456789" "1234567890.01234567891" "9999999999.9999999999" "99999999999" "0.000001" "0.0000001" "0.9999999" "123456" "-1.50" "-1.51" "2.25" "2.251" "2.2500" "2.26" "1.50" "12.34" "12.345" "123.4" "99.99" "100" "99.995" "9" "10" "9.0" "9.5" "0.5" "1__0" "1_0.5_0" "_1_" "1 0" "\\t1\\n" "1\\u00a0" "+-1" "--1" "1,5" "0x1" "1e1000" "1e-1000" "\\u001f1" "1\\u001f" "\\u00a01\\u001f" "٣\\t." "5.\\u001f" "5 ." "5. 0" "sNaN" "Inf" "+Infinity" "nan123" "٣.٤" "१२" 12.34 12.345 99.99 99.995 123.4 0.000001 1e-10 1e10 1e-7 100 -1.51 0.1234567890123456789''')
WORDS = split('''"a-b" "a_b" "-a" "a b" "A1" "AB1" "AB12" "ABx" "AB1\\n" "é1" "ｱ" "ⅷ" "a@b.co" "abc@de.fg" "a@b.c" "ab@localhost" "a@é.co" "é@b.co" "a@b.co\\n" "a@b.co." "a@[127.0.0.1]" "a@[IPv6:::1]" "\\"q\\"@b.co" "a@b.co,c@d.co" "a@b..co" "a@ b.co" "a@b.museum" "a@xn--e1afmkfd.xn--p1ai" "a@пример.рф" "a@b.12" "a@b.c-d" "a@b.c1" "a@.b.co" "http://a.bc" "https://a.bc/long/path" "http://a.bc:80" "http://a.bc?x" "http://localhost" "http://127.0.0.1:8000/" "http://[2001:db8::1]/" "http://é.рф" "http://a" "HTTPS://A.BC" "ftp://a.bc" "http://a.bc/ x" "http://a.bc\\u0000" "http://user:pass@a.bc:80/p?q#f" "http://a.bc:80:90" "http://a.bc/\\n" "http://a..b.cd" "http://.日.ab.cd" "http://u\\u001f@a.bc" "http://u#r:p@a.bc/" "http://u/r:p@a.bc/" "http://:p@a.bc" "http://u:p?q@a.bc" "http://1٣7.0.0.1/" "http://٣7.0.0.1/" "http://255.255.249.1" "http://256.0.0.1" "http://a.bc:8１" "a@b.co。" "a@пр..мер.рф" "a@.ßb.co" "a@xn--e1afmk٣d.co" "a@é。co" "a@é.co." "http://a.b-" "ws://a.bc" "http:a.bc" "http:///a.bc" "mailto:a@b.co" "1.2.3.4" "1.2.3.4 " "1.2.3.04" "1.2.3.256" "::1" "::ffff:1.2.3.4" "2001:DB8::0:1" "1::2::3" "fe80::1%1" "::1 " "1.2.3.4/24" "00000000-0000-0000-0000-000000000001" "00000000000000000000000000000001" "{00000000-0000-0000-0000-000000000001}" "urn:uuid:00000000-0000-0000-0000-000000000001" "00000000-0000-0000-0000-00000000000G" "00000000-0000-0000-0000-000000000002" "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF" 340282366920938463463374607431768211455 340282366920938463463374607431768211456''')
P = {}
def add(own, *sketches):
    for s in sketches: P[s] = list(own)
add([], *'''CharField(max_length=3, min_length=2)
CharField(max_length=3, trim_whitespace=False, allow_blank=True)
CharField(required=False, allow_null=True, max_length=2)
CharField(default='d', allow_blank=True)
CharField(allow_blank=True, min_length=3)
CharField(trim_whitespace=False, min_length=2)
BooleanField(default=True)
BooleanField(required=False)
BooleanField(allow_null=True, default=None)
JSONField(allow_null=True)
JSONField(required=False)'''.split('\n'))
add(NUMS, *'''IntegerField(min_value=-5, max_value=5, allow_null=True)
IntegerField(default=7)
IntegerField(max_value=0, required=False)
FloatField(allow_null=True)
FloatField(max_value=0)
FloatField(min_value=-1, default=0.5)
DecimalField(max_digits=20, decimal_places=10)
DecimalField(max_digits=1, decimal_places=0)
DecimalField(max_digits=6, decimal_places=6)
DecimalField(max_digits=10, decimal_places=3, min_value=Decimal('-1.5'), max_value=Decimal('2.25'))
DecimalField(max_digits=4, decimal_places=2, required=False, allow_null=True)
DecimalField(max_digits=5, decimal_places=2, default=Decimal('1.50'))
DecimalField(max_digits=4, decimal_places=4, max_value=0)'''.split('\n'))
add(TIMES, *'''DateTimeField(allow_null=True)
DateTimeField(format='%Y-%m-%d')
DateTimeField(input_formats=['%d.%m.%Y %H:%M:%S', 'iso-8601'])
DateField(required=False)
DateField(format='%d.%m.%Y')
DateField(input_formats=['%Y/%m/%d'])
TimeField(allow_null=True)
TimeField(format='%H:%M')
TimeField(input_formats=['%H:%M'])
ListField(child=DateField())
ListField(child=DateTimeField(), max_length=1)
DictField(child=TimeField())'''.split('\n'))
add(TOOK, 'DurationField(min_value=timedelta(seconds=1), max_value=timedelta(days=1))', 'DurationField(allow_null=True)', 'DurationField(max_value=timedelta(0), required=False)')
add(WORDS, *'''UUIDField(allow_null=True)
UUIDField(required=False)
IPAddressField(allow_null=True)
IPAddressField(allow_blank=True)
IPAddressField(protocol='ipv4', allow_blank=True)
EmailField(allow_blank=True)
EmailField(max_length=10, min_length=6)
EmailField(allow_null=True, required=False)
URLField(max_length=20)
URLField(allow_blank=True, allow_null=True)
SlugField(max_length=3)
SlugField(allow_blank=True)
SlugField(allow_unicode=True, max_length=3)
RegexField('^[A-Z]{2}[0-9]+$')
RegexField('b', max_length=3, allow_blank=True)
ListField(child=EmailField())
ListField(child=UUIDField(), allow_empty=False)
PrimaryKeyRelatedField(queryset=Id.objects.all())'''.split('\n'))
add([], *'''ChoiceField(choices=[1, 2, 3])
ChoiceField(choices=[0, 1], allow_null=True)
ChoiceField(choices=['a', 'b'], default='a')
ChoiceField(choices=['a'], allow_blank=True, allow_null=True)
ChoiceField(choices=[True, False])
ChoiceField(choices=[1.5, 2.25])
ChoiceField(choices=['1', '2'], required=False)
ChoiceField(choices=['é', '日本', "'"])
MultipleChoiceField(choices=[1, 2])
MultipleChoiceField(choices=['a', 'b'], allow_null=True)
MultipleChoiceField(choices=['a', 'b'], required=False, allow_empty=False)
ListField(child=CharField(max_length=2, allow_blank=True), allow_null=True)
ListField(child=CharField(allow_null=True))
ListField(child=CharField(trim_whitespace=False), min_length=1)
ListField(child=FloatField())
ListField(child=BooleanField())
ListField(child=DecimalField(max_digits=3, decimal_places=2))
ListField(child=DictField(child=IntegerField()))
ListField(child=ListField(child=CharField(), min_length=1), max_length=2)
ListField(child=IntegerField(allow_null=True))
ListField(child=IntegerField(), allow_empty=False, max_length=1)
ListField(child=DurationField())
ListField(child=ChoiceField(choices=[1, 2]))
ListField(child=SlugField(), required=False)
ListField(child=JSONField())
DictField(child=ListField(child=IntegerField()))
DictField(child=CharField(max_length=2, allow_blank=True))
DictField(child=DictField(child=IntegerField()))
DictField(child=BooleanField())
DictField(child=DecimalField(max_digits=3, decimal_places=2))
DictField(child=IntegerField(allow_null=True))
DictField(child=FloatField(), allow_null=True)
DictField(child=ChoiceField(choices=['b']))
DictField(child=EmailField(), allow_empty=False)
DictField(child=ListField(child=ListField(child=IntegerField())), required=False)
PrimaryKeyRelatedField(queryset=Num.objects.all())
PrimaryKeyRelatedField(queryset=Num.objects.all(), allow_null=True, required=False)
PrimaryKeyRelatedField(queryset=Num.objects.all(), many=True, allow_empty=False)
PrimaryKeyRelatedField(queryset=Num.objects.all(), many=True, required=False)
PrimaryKeyRelatedField(queryset=Word.objects.all())
PrimaryKeyRelatedField(queryset=Word.objects.all(), many=True)
SlugRelatedField(slug_field='id', queryset=Word.objects.all())
SlugRelatedField(slug_field='id', queryset=Word.objects.all(), many=True)'''.split('\n'))
LINES = split('''{"a":"x"} {"a":"x","n":-1} {"a":"xyz","n":"q"} {"n":null} {"a":"x","n":2,"z":1} [{"a":"x"}] [{"a":"x"},{"a":"y"}] [{"a":"x"},{"a":"y"},{"a":"z"}] [{"a":"xyz"},{"a":"y"},{}] [{},{}] [{"a":"x"},5] [{"a":"xyz"}] [{"a":"x","n":-1},null,"s",[],{"n":1}]''')
add(LINES, *'''Line()
Line(required=False, allow_null=True)
Line(many=True, allow_empty=False)
Line(many=True, min_length=2)
Line(many=True, max_length=2)
Line(many=True, required=False, allow_null=True, min_length=1, max_length=2)'''.split('\n'))
PAIRS = split('''{"a":1} {"a":6} {"a":6,"b":7} {"a":6,"b":"x"} {"a":-1} {"a":-1,"b":-2} {"b":1} [{"a":6},{"a":1}] [{"a":6},{"a":"x"},{"a":-1}] [{"a":-1},3]''')
add(PAIRS, 'Pair()', 'Pair(many=True)', 'Pair(allow_null=True)')
W = {}
ROOT = ['null', 'true', '5', '1.5', '"x"', '[]', '[1]', '[{}]', '{}', '[null]', '[[],{}]', '{"f":1}']
W['Combo'] = ROOT + split('''{"req":"a","null":"b","blank":"","src":"c"} {"req":"","null":"","blank":" ","src":"abcd"} {"req":null,"opt":null,"null":null,"both":null,"blank":null,"dflt":null,"nulldflt":null,"ro":null,"wo":null,"src":null,"num":null} {"req":"a","null":null,"blank":"x","src":"c","ro":"r","wo":"w","num":4,"unknown":1} {"req":1,"opt":1.5,"null":true,"both":[],"blank":{},"dflt":"","nulldflt":"x","src":"c","num":0} {"req":"a","null":"b","blank":"","other":"c"} {"num":3} {"num":"3","opt":""} {"src":"c","src":"toolong"} {"src":"toolong","src":"c","opt":" x "} {"nulldflt":"5","dflt":"e"} {"wo":"","both":""} {"req":"a","opt":"b","null":"c","both":"d","blank":"e","dflt":"f","nulldflt":4,"wo":"g","src":"h","num":2}''')
W['Pair'] = ROOT + PAIRS
W['Late'] = ROOT + split('''{"f":"a"} {"f":"no"} {"f":"two"} {"f":" no "} {"f":"long"} {"f":"no","g":"x"} {"f":null} {"g":1} {"f":"a","g":null} {"f":"two","f":"a"} {"f":"a","f":"two"}''')
GOOD = '{"line":{"a":"x"},"lines":[{"a":"y"}]'
W['Tree'] = ROOT + split(GOOD + '} ' + GOOD + ',"maybe":null} ' + GOOD + ',"maybe":{}} ' + GOOD + ',"maybe":{"a":"m","n":3},"pairs":[]} ' + GOOD + ',"pairs":[{"a":1},{"a":9},{"a":"x"},{}]} ' + GOOD + ',"pairs":[{"a":9},{"a":-1},{"a":1}]} ' + GOOD + ',"pairs":null} ' + GOOD + ',"line":null} ' + GOOD + ',"lines":[]} ' + GOOD + ',"lines":null} ' + GOOD + ',"lines":{}} ' + GOOD + ',"lines":[[]],"line":[]} ' + '{"line":{"a":"xyz","n":-1},"maybe":5,"lines":[{"a":"xyz"},{"a":"x"},{"n":"q"}],"pairs":"x"} {"line":{},"lines":[{},{}],"maybe":[],"pairs":[null]} {"lines":[{"a":"x"}],"line":{"a":"x","n":null}}')
def group(rows):
    out = {}
    for text, a in rows:
        out.setdefault(json.dumps(a), []).append(pool.index(text) if text in pool else text)
    return [[texts] + json.loads(a) for a, texts in out.items()]
result, failed, n = {}, 0, 0
def run(name, cls, texts, wrap, **how):
    global failed, n
    rows, seen = [], set()
    for text in texts:
        if text in seen: continue
        seen.add(text)
        try: a = answer(cls, wrap % text if wrap else text, **how)
        except Exception as e:
            failed += 1; print(name, text, repr(e)[:90], file=sys.stderr); continue
        n += 1
        rows.append((text, a))
    result[name] = group(rows)
for s, own in P.items():
    cls = type('S', (Serializer,), {'f': eval(s)})
    run('f = ' + s, cls, pool + own, '{"f":%s}')
    result['f = ' + s].append([['absent']] + answer(cls, '{}'))
for name, texts in W.items():
    cls = globals()[name]
    run(name, cls, texts, None)
    run(name + ' partial', cls, texts, None, partial=True)
    run(name + ' many', cls, ROOT + ['[' + t + ']' for t in texts] + ['[' + ','.join(texts[-4:]) + ']'], None, many=True)
print(n, 'cases', failed, 'failed', file=sys.stderr)
sys.stdout.write('{"pool":' + json.dumps(pool) + ',\n"sketches":{\n' + ',\n'.join(
    json.dumps(s) + ':[\n' + ',\n'.join(json.dumps(r, separators=(',', ':')) for r in rows) + ']' for s, rows in result.items()) + '}}\n')
