"""Prints neighbours.json: what Django REST Framework answers to inputs near the recorded ones, and to a pool of values of every type.

    python3 neighbours.py > neighbours.json

It was made with Django 3.2.25 and Django REST Framework 3.14.0 (the packages of Debian 12), which give the recorded answers of 3.12.4 to all
recorded cases that need no database. Each row has the input, how DRF shows what it accepted, or else errors and codes.
"""
import sys, json
import django
from django.conf import settings
settings.configure(USE_TZ=True, TIME_ZONE='UTC', INSTALLED_APPS=['rest_framework'], USE_I18N=False)
django.setup()
from rest_framework import serializers
from rest_framework.serializers import *
from rest_framework.fields import *
from rest_framework.renderers import JSONRenderer
class Inner(serializers.Serializer):
    a = CharField(max_length=2); b = IntegerField(required=False, allow_null=True)
class Deep(serializers.Serializer):
    inner = Inner(); many = Inner(many=True, required=False)
def shown(cls, data):
    try: return JSONRenderer().render(cls(instance=data).data).decode()
    except Exception as e: return 'not shown: ' + type(e).__name__
def run(sketch, inp, partial=False, many=False):
    body=sketch.split('f = ',1)[1]
    cls=type('S',(serializers.Serializer,),{'f':eval(body, globals())})
    s=cls(data=inp, partial=partial, many=many)
    if s.is_valid(): return {'valid':True,'validated_repr':shown(cls, s.validated_data)}
    def cd(e):
        if isinstance(e,dict): return {str(k):cd(x) for k,x in e.items()}
        if isinstance(e,list): return [cd(x) for x in e]
        return e.code
    return {'valid':False,'errors':json.loads(json.dumps(s.errors)),'codes':cd(s.errors)}
general=[None,True,False,0,1,-1,2,-0.0,1.0,1.5,-3,1e16,1e22,1.5e-7,123456789012345678,10**18,2**63-1,-2**63,"", " ","  x  ","a","A","abc","true","True","TRUE","null","None","0","1","-1","1.0","1.","1.5",".5","+1","1e3","1_0","_1","1__0","12","0x10","１２","٣","1 ","\t1\n","NaN","nan","inf","-inf","Infinity","é","日本","a\u0000b","\u0000","\ud800","\u2028","'","\"","a'b\"c","\\","\n","\u00a0x\u00a0","\ufeff","\u200b","\u001fx",[],[1],["a"],[None],[[]],{}, {"a":1},[1,"a",None,True,1.5,{"k":"v"}], "x"*5, "e\u0301", "😀😀😀"]
P={}
def add(sk, inputs, g=True):
    P.setdefault(sk,[])
    for i in (general if g else [])+list(inputs):
        P[sk].append(i)
for f in ["CharField()","CharField(allow_blank=True)","CharField(max_length=3)","CharField(min_length=3)","CharField(trim_whitespace=False)","CharField(allow_null=True)","CharField(allow_null=True, allow_blank=True)"]: add(f,["abcd","  abc  ","ab\n","\u00e9\u00e9\u00e9","😀😀😀😀","\u2003a\u2003","\u0085","a b"])
for f in ["BooleanField()","BooleanField(allow_null=True)"]: add(f,["t","T","y","Y","yes","YES","Yes","n","N","no","NO","No","f","F","false","False","FALSE","on","On","ON","off","Off","OFF","tRUE","nULL","Null","NULL","yes ","2",0.0,1.0,2.0,"none"])
for f in ["IntegerField()","IntegerField(min_value=1, max_value=10)","IntegerField(allow_null=True)"]: add(f,["1.00","1.000000001","-0","00012","1,000","1 000","1.0 ","1. ", "--1","+-1","1e0","5"*30,"9"*999,"9"*1000,"9"*1001,"0"*1000+"1",11,10.0,1.1,1e3,"10.0","11.0","0.0","\u00a05"," 7 ","1.0.0","1..0",".0","-.0","0.","²","Ⅳ"])
for f in ["FloatField()","FloatField(min_value=1.5, max_value=2.5)"]: add(f,["1e5","1E5","1e+5","1.e5","e5","1e","0x1p3","1e400","-1e400","1e-400","5"*30,"1"*1000,"1"*1001," 2.0 ","1_0.5","1._5","2,5","infinity","INF","-0","+2.0","٢.٥"])
for f in ["DecimalField(max_digits=5, decimal_places=2)","DecimalField(max_digits=3, decimal_places=3)","DecimalField(max_digits=4, decimal_places=0)","DecimalField(max_digits=None, decimal_places=2)","DecimalField(max_digits=5, decimal_places=None)","DecimalField(max_digits=None, decimal_places=None)","DecimalField(max_digits=5, decimal_places=2, min_value=1, max_value=10)","DecimalField(max_digits=5, decimal_places=2, allow_null=True)"]: add(f,["123.45","1234.5","999.99","1000","0.001","0.010","1E+2","1e2","1e-2","1E5","1e999","-1.50","+1.5","-0","-0.00","00.10","000001","0.1e1","sNaN","-NaN","NaN1","1.005","12345","99999","100000","1.10"," 1 ","1,5","1.","٣.٥","0.000","0.0000",1.1,100,1e2,99999.9,0.1,10,10.01,0.99,"10.01","0.99","1"*1000,"1"*1001,"0.99999",1e-7,1e15,12345678.9])
for f in ["DateTimeField()"]: add(f,["2020-01-02","2020-01-02T03:04","2020-01-02T03:04:05","2020-01-02 03:04:05.123456","2020-01-02T03:04:05,5Z","2020-1-2T3:4:5Z","2020-01-02T03:04:05.1234567891234Z","2020-01-02T03:04:05.123456789123Z","2020-02-30T00:00","2020-13-01T00:00","2020-01-02T24:00:00","2020-01-02T23:59:60","2020-01-02T03:04:05+03","2020-01-02T03:04:05+0330","2020-01-02T03:04:05-03:30","2020-01-02T03:04:05+24:00","2020-01-02T03:04:05+23:59","2020-01-02T03:04:05+99:00","0001-01-01T00:00:00+01:00","9999-12-31T23:59:59-01:00","0000-01-01T00:00:00Z","2020-01-02T03:04:05z","2020-01-02t03:04:05Z"," 2020-01-02T03:04:05Z","2020-01-02T03:04:05Z\n","２０２０-01-02T03:04:05Z","20200102T030405Z","2020-W01-1","2020-01-02T03","2020-01-02T03:04:","2020-01-02T03:04:5","2020-01-02T03:04:05.","1e3","2020-01-02T03:04:05 Z","2020-01-02T03:04:05.000001Z","2019-02-29T00:00:00Z","2020-02-29T00:00:00Z","1900-02-29T00:00:00Z","2000-02-29T23:59:59.999999Z","1969-12-31T23:59:59.9Z","0004-02-29T00:00:00Z"])
for f in ["DateField()","DateField(allow_null=True)"]: add(f,["2020-01-02","2020-1-2","2020-02-30","2020-02-29","0000-01-01","9999-12-31","20-01-02","2020-01-02T00:00:00Z","2020-01-02\n","2020/01/02","２０２０-01-02"," 2020-01-02","2020-01-2x","2020-001-02"])
add("TimeField()",["03:04","3:4","03:04:05","03:04:05.1","03:04:05,123456","03:04:05.1234567","03:04Z","03:04 PM","24:00","23:59:60","23:60","03:04:","03:04:5","03:04:05.","03:04:99","0304","03","03:04:05+03:00","３:04"," 03:04","03:04\n","03:4x","00:00:00.000001"])
add("DurationField()",["1 02:03:04","02:03:04","2:3","5","5.5","5,5","-5","1 day, 2:03:04","2 days, 2:03:04","3 days 04:05:06","1 days","1 day","1day","-1 day, 0:00:01","-1 days 02:03:04","1 -02:03:04","-1 02:03:04.5","P1D","PT1H","PT1.5H","P1DT2H3M4.5S","-P1D","+P1D","P","PT","P1","1:2:3:4","99:99:99","1 25:61:61","5.1234567891234","5.123456789123","0.0000001","4 15","4 15:30.1","15:30.0001","1e3","-02:03:04","+5","PT0.1S","PT1,5S","P1,5D","1 02:03:04\n","  5","5 ","１","3 days","- 5","10000 days","90000 00:00:00","-00:00:05.5","1 day 04:05","1 day 04:05:06.5","106751 23:47:16","-5.5"])
for f in ["IPAddressField()","IPAddressField(protocol='ipv4')","IPAddressField(protocol='ipv6')"]: add(f,["1.2.3.4","01.2.3.4","1.2.3","1.2.3.4.5","256.1.1.1","1.2.3.4 "," 1.2.3.4","::1","::","2001:DB8::1","2001:0db8:0:0:0:0:0:1","1::2::3","::ffff:1.2.3.4","::FFFF:102:304","::1.2.3.4","::1 "," ::1","[::1]","1:2:3:4:5:6:7:8","1:2:3:4:5:6:7:8:9","1:2:3:4:5:6:1.2.3.4","12345::","g::1","1.2.3.04","0.0.0.0","１.2.3.4","2001:db8:0:1:0:0:0:1","1:0:0:2::",":","::1/64"])
for f in ["UUIDField()"]: add(f,["12345678-1234-5678-1234-567812345678","12345678123456781234567812345678","{12345678-1234-5678-1234-567812345678}","urn:uuid:12345678-1234-5678-1234-567812345678","12345678-1234-5678-1234-56781234567","12345678-1234-5678-1234-56781234567G","1234-5678-12345678-1234-567812345678","ABCDEF78-1234-5678-1234-567812345678"," 12345678-1234-5678-1234-567812345678",2**128-1,2**128,"-"*5,"12345678-1234-5678-1234-5678123456 8","0x345678123456781234567812345678ab","+2345678123456781234567812345678","1_345678123456781234567812345678"])
for f in ["ChoiceField(choices=['a', 'b'])","ChoiceField(choices=['a'], allow_blank=True)","ChoiceField(choices=['a'], allow_null=True)","ChoiceField(choices=[(1, 'One'), (2, 'Two')])"]: add(f,["b","c","a "," a","A","1","2","3",1,2,3,1.0,"01"])
for f in ["MultipleChoiceField(choices=['a', 'b'])","MultipleChoiceField(choices=['a'], allow_empty=False)"]: add(f,[["a"],["b"],["c"],["a","c","d"],["a","a"],["c","a"],[None],[""],[[]],[{}],[1],[True],[1.5],["a","é"]])
for f in ["ListField()","ListField(child=CharField())","ListField(child=IntegerField(), allow_empty=False)","ListField(child=IntegerField(), min_length=2, max_length=3)","ListField(child=ListField(child=IntegerField()))","ListField(child=IntegerField(min_value=0))","ListField(child=ChoiceField(choices=['a', 'b']))","ListField(allow_null=True)"]: add(f,[[1,2],[1,2,3],[1,2,3,4],["1","x"],["x",1,None,-1],[[1],["x"],2],[[[1]]],["a","b","c"],["a",None,""],[{},[]],[1.5,"1.0"],["x","y","z","w"],[-1,-2],[""]])
for f in ["DictField()","DictField(child=IntegerField())","DictField(allow_empty=False)","HStoreField()","DictField(child=CharField())"]: add(f,[{"a":"1"},{"a":None},{"":1},{"a":"x","b":2},{"a":{"b":1}},{"a":[]},{"é":"1","b":""},{"1":True}])
add("JSONField()",[{"a":[1,{"b":None}]},"{}","x"])
add("SlugField()",["a-b_c","a b","é","a.b","-","_","A1","a\n"])
add("SlugField(allow_unicode=True)",["a-b_c","a b","é","при","日本","a.b","-","٣","²","e\u0301","a\u200d","½","a·b","ª"])
add("RegexField('^a+$')",["a","aa","ab","","a\n"," aa ","A"])
add("EmailField()",["a@b.co","a@b","a@localhost","A@B.CO","a b@c.de","\"a b\"@c.de","a@b..co","a@-b.co","a@b-.co","a@b.c","a@[1.2.3.4]","a@[::1]","a@[x]",".a@b.co","a.@b.co","a..b@c.de","a+b@c.de","é@b.co","a@é.co","a@b.é","a@b.co ","a@b.co.","@b.co","a@","a@@b.co","a@b.123","a@1.2.3.4","a@xn--80ak6aa92e.com","a@"+"b"*63+".co","a@"+"b"*64+".co","a"*65+"@b.co","\"a\\\"b\"@c.de","a@b_c.de","a@b.co\u0000"])
add("URLField()",["http://a.b","http://a.bc","https://a.bc/","ftp://a.bc","ftps://a.bc","HTTP://A.BC","gopher://a.bc","//a.bc","a.bc","http://localhost","http://localhost:8000/x","http://1.2.3.4","http://256.1.1.1","http://[::1]","http://[::1]:80/","http://[x]","http://a.bc:0","http://a.bc:99999","http://a.bc:123456","http://u:p@a.bc","http://u@a.bc","http://u:p:q@a.bc","http://a b.cd","http://a.bc/a b","http://a.bc?x=1","http://a.bc#f","http://-a.bc","http://a-.bc","http://a_b.cd","http://é.com","http://a.é","http://a.b-c","http://a.bc.","http://a..bc","http://"+"a"*63+".bc","http://"+"a"*64+".bc","http://a.xn--p1ai","http://a.bc/é","http://","http:///x","http://a.bc\n","http://a.bc:","http://a.bc/?q=<>","http://a.b1","http://a.1b","http://10.0.0.01","http://٣.com","http://a.bc/[x]","http://[::ffff:1.2.3.4]","javascript:alert(1)"])
for f in ["Inner()","Inner(allow_null=True)","Inner(required=False)"]: add(f,[{"a":"x"},{"a":"xyz"},{"a":None},{"a":"x","b":None},{"a":"x","b":"y"},{"b":1},{"a":"x","c":1},{"a":[]},{"a":" "}])
for f in ["Inner(many=True)","Inner(many=True, allow_null=True)"]: add(f,[[{"a":"x"}],[{"a":"x"},{}],[{"a":"xyz"},{"a":"x"},3,None,"s",[],True],[[]],[{"a":"x","b":"y"}],{"a":"x"}])
add("Deep()",[{"inner":{"a":"x"}},{"inner":{"a":"xyz"},"many":[{}]},{"inner":None},{"inner":[],"many":{}},{"many":[{"a":"x"},{"a":5}],"inner":{}}],True)
add("Deep(many=True)",[[{"inner":{"a":"x"},"many":[]}],[{"inner":{}},{"inner":{"a":"x"},"many":[None,{"a":"x"},{}]}]])
for f in ["DateField(input_formats=['%d.%m.%Y', 'iso-8601'])"]: add(f,["02.01.2020","2020-01-02","32.01.2020","2020-1-2","02.13.2020"])
add("DateTimeField(input_formats=['%Y-%m-%d %H:%M'])",["2020-01-02 03:04","2020-01-02T03:04","2020-01-02 03:04:05","2020-01-02 25:00"])
out={}
def key(x): return json.dumps(x)
skipped=0
for sk, ins in P.items():
    rows=[];seen=set()
    for i in ins:
        k=key(i)
        if k in seen: continue
        seen.add(k)
        try: r=run('f = '+sk,{'f':i})
        except Exception as e: skipped+=1; continue
        rows.append([{'f':i}, r['validated_repr'] if r['valid'] else None, r.get('errors'), r.get('codes')])
    r0=run('f = '+sk,{}); rows.append([{},r0['validated_repr'] if r0['valid'] else None,r0.get('errors'),r0.get('codes')])
    out['f = '+sk]=rows
lines=[]
for sk,rows in out.items():
    lines.append(json.dumps(sk)+': [\n'+',\n'.join('  '+json.dumps(r,separators=(',',':')) for r in rows)+'\n]')
sys.stdout.write('{\n'+',\n'.join(lines)+'\n}\n')
