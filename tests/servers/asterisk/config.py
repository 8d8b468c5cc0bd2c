"""The lean configuration of the Asterisk under test: queues, phones, a dialplan and AMI users. Pure text."""

from dataclasses import dataclass

#: Of every AMI user below. Asterisk listens on loopback only.
AMI_SECRET = "tests-only"

#: AMI users: what a monitor may read and write. `admin` only drives scenarios.
AMI_USERS = {
    "monitor": ("system,call,agent,cdr", ""),
    "monitormin": ("call,agent", ""),
    "reporting": ("system,call,agent,cdr", "reporting"),
    "admin": ("all", "all"),
}

#: Agents with a phone of their own (PJSIP endpoints). Queue qNN has the members 11NN and 12NN, tried in this order.
CASE_QUEUES = tuple(f"{n:02d}" for n in range(1, 25))
AGENTS = tuple(str(n) for n in range(1001, 1041)) + tuple(f"{row}{n}" for row in (11, 12) for n in CASE_QUEUES)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where this instance lives, as Asterisk sees it, and the loopback ports it uses."""

    top: str  # directory inside the chroot
    modules: str  # directory of the loadable modules inside the chroot
    ami_port: int
    sip_port: int
    agents_port: int  # where the agents' phones listen, on SWITCH
    outside_port: int  # where callers and outside numbers listen, on OUTSIDE
    rtp_ports: range


#: The switch and the agents' phones; and everybody outside. Two addresses, because the trunk is recognised by its address.
SWITCH = "127.0.0.1"
OUTSIDE = "127.0.0.2"


def files(layout: Layout) -> dict[str, str]:
    """Every configuration file, by name."""
    return {
        "asterisk.conf": _asterisk(layout),
        "modules.conf": _MODULES,
        "logger.conf": "[general]\nqueue_log = yes\nqueue_log_to_file = yes\n[logfiles]\nmessages => notice,warning,error\n",
        "manager.conf": _manager(layout.ami_port),
        "cdr.conf": "[general]\nenable = yes\nunanswered = yes\n[csv]\nloguniqueid = yes\nnewcdrcolumns = yes\n",
        "cdr_manager.conf": "[general]\nenabled = yes\n",
        "cel.conf": "[general]\nenable = no\n",
        "rtp.conf": f"[general]\nrtpstart = {layout.rtp_ports[0]}\nrtpend = {layout.rtp_ports[-1]}\nicesupport = no\n",
        "features.conf": "[general]\natxfernoanswertimeout = 10\n",
        "res_parking.conf": _PARKING,
        "musiconhold.conf": f"[default]\nmode = files\ndirectory = {layout.top}/moh\n",
        "pjsip.conf": _pjsip(layout),
        "queues.conf": _QUEUES,
        "extensions.conf": _DIALPLAN,
    }


def _asterisk(layout: Layout) -> str:
    top = layout.top
    return f"""[directories]
astcachedir => {top}/cache
astetcdir => {top}/etc
astmoddir => {layout.modules}
astvarlibdir => /var/lib/asterisk
astdbdir => {top}/db
astkeydir => {top}/keys
astdatadir => /usr/share/asterisk
astagidir => /usr/share/asterisk/agi-bin
astspooldir => {top}/spool
astrundir => {top}/run
astlogdir => {top}/log
astsbindir => /usr/sbin
[options]
verbose = 0
"""


# Nothing that opens sockets of its own, and nothing that waits for a database.
_UNWANTED = """
chan_iax2 chan_unistim chan_skinny chan_mgcp chan_ooh323 chan_sip chan_motif chan_dahdi chan_console chan_alsa
pbx_dundi pbx_ael pbx_lua res_snmp res_config_pgsql res_config_odbc res_config_ldap cdr_tds cdr_pgsql cdr_radius
cel_tds cel_pgsql cel_radius app_jack app_voicemail app_voicemail_imap app_voicemail_odbc res_phoneprov res_hep
res_hep_pjsip res_hep_rtcp
"""
_MODULES = "[modules]\nautoload = yes\n" + "".join(f"noload = {name}.so\n" for name in _UNWANTED.split())


def _manager(port: int) -> str:
    text = f"""[general]
enabled = yes
webenabled = no
bindaddr = {SWITCH}
port = {port}
timestampevents = yes
displayconnects = no
authlimit = 50
"""
    for user, (read, write) in AMI_USERS.items():
        text += f"\n[{user}]\nsecret = {AMI_SECRET}\nread = {read}\nwrite = {write}\nwritetimeout = 5000\n"
    return text


def _pjsip(layout: Layout) -> str:
    common = f"""disallow = all
allow = ulaw
direct_media = no
force_rport = no
rewrite_contact = no
rtp_symmetric = no
media_address = {SWITCH}
bind_rtp_to_media_address = yes
timers = no
100rel = no
send_connected_line = no
dtmf_mode = info
"""
    text = f"""[global]
type = global
endpoint_identifier_order = ip,username
keep_alive_interval = 0

[udp]
type = transport
protocol = udp
bind = {SWITCH}:{layout.sip_port}

[trunk]
type = endpoint
transport = udp
context = from-trunk
aors = trunk
from_domain = {SWITCH}
{common}
[trunk]
type = aor
contact = sip:{OUTSIDE}:{layout.outside_port}

[trunk]
type = identify
endpoint = trunk
match = {OUTSIDE}
"""
    for agent in AGENTS:
        text += f"""
[{agent}]
type = endpoint
transport = udp
context = from-agents
aors = {agent}
callerid = Agent {agent} <{agent}>
{common}
[{agent}]
type = aor
max_contacts = 1
contact = sip:{agent}@{SWITCH}:{layout.agents_port}
"""
    return text


_QUEUES = """[general]
persistentmembers = yes
autofill = yes
shared_lastcall = yes
log_membername_as_agent = no

[base](!)
musicclass = default
strategy = linear
timeout = 15
retry = 1
ringinuse = no
joinempty = yes
leavewhenempty = no
announce-frequency = 0
context = queue-exit

[support](base)
member => PJSIP/1001,0,Alice
member => PJSIP/1002,0,Bob

[sales](base)
strategy = ringall
member => PJSIP/1005,0,Carol
member => PJSIP/1006,0,Dave

; members behind Local channels, as many hand-written systems have them
[frontdesk](base)
strategy = rrmemory
member => Local/1007@agents-local/n,0,Erin,PJSIP/1007
member => Local/1008@agents-local/n,0,Frank,PJSIP/1008
""" + "".join(
    f"\n; one case, one queue: nobody else's call can disturb it\n[q{n}](base)\ntimeout = 5\n"
    f"member => PJSIP/11{n},0,First{n}\nmember => PJSIP/12{n},0,Second{n}\n"
    for n in CASE_QUEUES
)

#: Parking lots 1 to 4: 7N0 parks, 7N1 is the first place. One lot a case, so that its place is known.
LOTS = range(1, 5)
_PARKING = "[general]\n" + "".join(
    f"\n[lot{n}]\ncontext => lots\nparkext => 7{n}0\nparkpos => 7{n}1-7{n}9\nparkext_exclusive = yes\nparkingtime => 45\n"
    for n in LOTS
)

_DIALPLAN = """[general]
static = yes
writeprotect = yes

[from-trunk]
; 8001..8003: the switch answers at once, then queues (the usual set-up; the caller hears music)
exten => 8001,1,Answer()
 same => n,Queue(support,t,,,300)
 same => n,Hangup()
exten => 8002,1,Answer()
 same => n,Queue(sales,t,,,300)
 same => n,Hangup()
exten => 8003,1,Answer()
 same => n,Queue(frontdesk,t,,,300)
 same => n,Hangup()
; 8101, 8102: the caller's leg is only answered when an agent answers
exten => 8101,1,Queue(support,t,,,300)
 same => n,Hangup()
exten => 8102,1,Queue(sales,t,,,300)
 same => n,Hangup()
; 82SS: leave the support queue after SS seconds
exten => _82XX,1,Answer()
 same => n,Queue(support,t,,,${EXTEN:2})
 same => n,Hangup()
; 83AA: direct call to agent 10AA, no queue
exten => _83XX,1,Dial(PJSIP/10${EXTEN:2},30,t)
 same => n,Hangup()
; 8400: four seconds in support, then sales (one call in two queues)
exten => 8400,1,Answer()
 same => n,Queue(support,t,,,4)
 same => n,Queue(sales,t,,,300)
 same => n,Hangup()
; 85NN: queue qNN; 86NNSS: the same, for SS seconds at most; 87NN: the same without Answer()
exten => _85XX,1,Answer()
 same => n,Queue(q${EXTEN:2},t,,,300)
 same => n,Hangup()
exten => _86XXXX,1,Answer()
 same => n,Queue(q${EXTEN:2:2},t,,,${EXTEN:4})
 same => n,Hangup()
exten => _87XX,1,Queue(q${EXTEN:2},t,,,300)
 same => n,Hangup()
; 8801..8803: ring groups; 8804: one phone after the other, with an announcement between; 8805, 8806: a phone or a group of
; Local channels behind a queue, at once or after an announcement
exten => 8801,1,Dial(PJSIP/1031&PJSIP/1032,30)
 same => n,Hangup()
exten => 8802,1,Dial(PJSIP/1033&PJSIP/1034,30)
 same => n,Hangup()
exten => 8803,1,Dial(PJSIP/1035&PJSIP/1036,30)
 same => n,Hangup()
exten => 8804,1,Dial(PJSIP/1021,1)
 same => n,Wait(1.2)
 same => n,Dial(PJSIP/1022,30)
 same => n,Hangup()
exten => 8805,1,Answer()
 same => n,Queue(q18,t,,,2)
 same => n,Dial(PJSIP/1023,30)
 same => n,Hangup()
exten => 8806,1,Answer()
 same => n,Queue(q19,t,,,2)
 same => n,Wait(2)
 same => n,Dial(Local/1024@agents-local&Local/1025@agents-local,30)
 same => n,Hangup()
; 8807: where a supervisor sends waiting callers; 8808, 8809: whoever lifts 1030 or 1040 must press 1 first
exten => 8807,1,Dial(PJSIP/1029,30)
 same => n,Hangup()
exten => 8808,1,Dial(Local/1030@asked,20)
 same => n,Hangup()
exten => 8809,1,Dial(Local/1040@asked,20)
 same => n,Hangup()
; 88NNMM: three seconds in queue qNN, then qMM
exten => _88XXXX,1,Answer()
 same => n,Queue(q${EXTEN:2:2},t,,,3)
 same => n,Queue(q${EXTEN:4},t,,,300)
 same => n,Hangup()

[asked]
exten => _10XX,1,Dial(PJSIP/${EXTEN},20,U(ask))
 same => n,Hangup()

[ask]
exten => s,1,Read(key,,1,,1,3)
 same => n,ExecIf($["${key}" != "1"]?Set(GOSUB_RESULT=CONTINUE))
 same => n,Return()

[queue-exit]
; 2 while waiting: reception
exten => 2,1,Dial(PJSIP/1026,30)
 same => n,Hangup()
; 1 while waiting: please call me back
exten => 1,1,UserEvent(CallbackRequest,Number: ${CALLERID(num)},Linkedid: ${CHANNEL(linkedid)})
 same => n,Hangup()
; 2: leave a message
exten => 2,1,Wait(2)
 same => n,Hangup()

[from-agents]
include => lots
exten => _1[0-2]XX,1,Dial(PJSIP/${EXTEN},30)
 same => n,Hangup()
exten => _8XXX,1,Goto(from-trunk,${EXTEN},1)
; call pick-up of the phone that is named
exten => _*8XXXX,1,PickupChan(PJSIP/${EXTEN:2},p)
 same => n,Hangup()
; anything longer is an outside number
exten => _XXXXX.,1,Dial(PJSIP/${EXTEN}@trunk,60)
 same => n,Hangup()

[agents-local]
exten => _10XX,1,Dial(PJSIP/${EXTEN},60)
 same => n,Hangup()
"""
