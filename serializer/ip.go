package serializer

import (
	"bytes"
	"net/netip"
	"strings"
)

// ipCodec is an IP address, in a string or a netip.Addr.
type ipCodec struct {
	valueRules
	version format // ipFormat for both
	native  bool   // a netip.Addr
	blank   bool
	unset   bool // as of stringCodec
}

func newIP(common valueRules, version format, native bool) *ipCodec {
	if version == anyFormat {
		version = ipFormat
	}
	return &ipCodec{valueRules: common, version: version, native: native}
}

func (c *ipCodec) encode(e *encoder, dst []byte, a addr) []byte {
	if !c.native {
		return appendString(dst, *at[string](a))
	}
	ip := *at[netip.Addr](a)
	if !ip.IsValid() {
		e.fail("the IP address is the zero netip.Addr; make the field a pointer if it may be missing")
		return dst
	}
	return append(ip.AppendTo(append(dst, '"')), '"')
}

func (c *ipCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	if d.peek() != '"' {
		d.fail(msgIP)
		return d.skip()
	}
	d.surrogate = 0
	text, ok := d.str()
	if !ok {
		return false
	}
	trimmed := pyTrim(text)
	if len(trimmed) == 0 {
		if !c.blank {
			d.fail(msgBlank)
		} else {
			*at[string](a) = "" // Blank is a rule of strings only
		}
		return true
	}
	ip, problem := c.parse(string(text), string(trimmed))
	if c.version == ipv4Format || bytes.IndexByte(text, ':') < 0 {
		d.noSpecials(textView(trimmed))
	}
	switch {
	case problem.Text != "":
		d.fail(problem)
		return true
	case c.native:
		*at[netip.Addr](a) = ip
	default:
		*at[string](a) = ip.String()
	}
	c.finish(d, a, had)
	return true
}

// parse reads an address. With a colon it is one of version 6, which Django REST Framework reads before it cuts off white space.
func (c *ipCodec) parse(text, trimmed string) (netip.Addr, Message) {
	colon := strings.Contains(text, ":")
	if !colon || c.version == ipv4Format {
		text = trimmed
	}
	ip, err := netip.ParseAddr(text)
	switch {
	case c.version == ipv4Format && (err != nil || !ip.Is4()):
		return ip, msgIPv4
	case c.version == ipv6Format && !colon:
		return ip, msgIPv6
	case err != nil || ip.Zone() != "":
		return ip, msgIP
	case c.version == ipFormat:
		return ip.Unmap(), Message{}
	}
	return ip, Message{}
}

func (c *ipCodec) schema(u use) members {
	blank := c.blank || c.unset && !u.input
	switch c.version {
	case ipv4Format:
		return orBlank(blank, members{{"format", "ipv4"}})
	case ipv6Format:
		return orBlank(blank, members{{"format", "ipv6"}})
	}
	either := []any{members{{"format", "ipv4"}}, members{{"format", "ipv6"}}}
	if blank {
		either = append(either, members{{"maxLength", 0}})
	}
	return members{{"type", "string"}, {"anyOf", either}}
}
