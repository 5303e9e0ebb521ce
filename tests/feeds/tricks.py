"""Ways of writing an address that must not be asked for: local ones in every disguise, and other schemes."""

from __future__ import annotations

TRICKS = """
http://127.0.0.1/ http://127.0.0.1:80/ http://127.1/ http://127.0.1/ http://2130706433/ http://0x7f000001/
http://0x7f.0.0.1/ http://0177.0.0.1/ http://017700000001/ http://0x7f.1/ http://127.0.0.1./ http://0/ http://0.0.0.0/
http://00000000000/ http://127.255.255.254/ http://[::1]/ http://[::]/ http://[0:0:0:0:0:0:0:1]/
http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[::127.0.0.1]/ http://[::ffff:0:127.0.0.1]/
http://[64:ff9b::127.0.0.1]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b::a9fe:a9fe]/ http://[64:ff9b:1::1]/
http://[2002:7f00:1::]/ http://[2002:a00:1::1]/ http://[2002:808:808::]/ http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/
http://[fe80::1]/ http://[fc00::1]/ http://[fd00::1]/ http://[fec0::1]/ http://[ff02::1]/ http://[2001:db8::1]/
http://[100::1]/ http://[3fff::1]/ http://[5f00::1]/ http://[4000::1]/ http://[::ffff:10.0.0.1]/
http://10.0.0.1/ http://10.255.255.255/ http://172.16.0.1/ http://172.31.255.255/ http://192.168.0.1/ http://3232235521/
http://169.254.169.254/ http://169.254.169.254.:80/ http://0xa9fea9fe/ http://2852039166/ http://0251.0376.0251.0376/
http://100.64.0.1/ http://100.127.255.255/ http://198.18.0.1/ http://192.0.0.1/ http://192.0.2.1/ http://198.51.100.1/
http://203.0.113.1/ http://192.88.99.1/ http://224.0.0.1/ http://239.255.255.250/ http://240.0.0.1/
http://255.255.255.255/ http://localhost/ http://LOCALHOST/ http://localhost./ http://a.localhost/ http://printer.local/
http://metadata.google.internal/ http://router.home.arpa/ http://１２７.０.０.１/ http://127。0。0。1/ http://127｡0｡0｡1/
http://①②⑦.⓪.⓪.①/ http://ⓛocalhost/ http://a@127.0.0.1/ http://example.org@127.0.0.1/ http://127.0.0.1\\@example.org/
http://a\\@b/ http://example.org:80@127.0.0.1/ http://[fe80::1%25eth0]/ http://127.0.0.1%00.example.org/
http://%31%32%37.0.0.1/ http://example.org:0/ http://example.org:99999/ http:///path http:127.0.0.1 //127.0.0.1/
file:///etc/passwd ftp://example.org/ gopher://127.0.0.1/ data:text/xml,<rss/> javascript:alert(1) unix:/run/x
dict://127.0.0.1:11211/ jar:http://example.org!/ ldap://127.0.0.1/ http+unix://x/ feed:http://127.0.0.1/
""".split()  # noqa: SIM905  # a table to be read
