package staff

import (
	"strconv"
	"unicode/utf8"
)

// AppendPeople is what one would write by hand for these very types.
func AppendPeople(dst []byte, list People) []byte {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPerson(dst, &list[i])
	}
	return append(dst, ']')
}

func appendPerson(dst []byte, p *Person) []byte {
	dst = strconv.AppendInt(append(dst, `{"id":`...), p.ID, 10)
	dst = appendString(append(dst, `,"name":`...), p.Name)
	dst = appendString(append(dst, `,"email":`...), p.Email)
	dst = appendString(append(dst, `,"bio":`...), p.Bio)
	dst = strconv.AppendInt(append(dst, `,"age":`...), int64(p.Age), 10)
	dst = strconv.AppendFloat(append(dst, `,"score":`...), p.Score, 'f', -1, 64)
	dst = strconv.AppendBool(append(dst, `,"active":`...), p.Active)
	dst = appendString(append(dst, `,"role":`...), p.Role)
	dst = appendString(append(dst, `,"salary":`...), p.Salary)
	dst = p.CreatedAt.AppendFormat(append(dst, `,"created_at":"`...), "2006-01-02T15:04:05.000000Z07:00")
	if p.Nick == nil {
		dst = append(dst, `","nick":null`...)
	} else {
		dst = appendString(append(dst, `","nick":`...), *p.Nick)
	}
	dst = strconv.AppendInt(append(dst, `,"level":`...), int64(p.Level), 10)
	dst = append(dst, `,"tags":[`...)
	for i, tag := range p.Tags {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, tag)
	}
	dst = appendString(append(dst, `],"address":{"city":`...), p.Address.City)
	dst = appendString(append(dst, `,"street":`...), p.Address.Street)
	dst = appendString(append(dst, `,"zip":`...), p.Address.Zip)
	dst = append(dst, `},"numbers":[`...)
	for i, n := range p.Numbers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	return append(dst, `]}`...)
}

// AppendPlains is the same for the objects of primitives.
func AppendPlains(dst []byte, list Plains) []byte {
	dst = append(dst, '[')
	for i := range list {
		p := &list[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(append(dst, `{"a":`...), p.A, 10)
		dst = strconv.AppendInt(append(dst, `,"b":`...), p.B, 10)
		dst = strconv.AppendInt(append(dst, `,"c":`...), int64(p.C), 10)
		dst = strconv.AppendInt(append(dst, `,"d":`...), int64(p.D), 10)
		dst = strconv.AppendUint(append(dst, `,"e":`...), uint64(p.E), 10)
		dst = strconv.AppendBool(append(dst, `,"f":`...), p.F)
		dst = strconv.AppendBool(append(dst, `,"g":`...), p.G)
		dst = appendString(append(dst, `,"h":`...), p.H)
		dst = appendString(append(dst, `,"i":`...), p.I)
		dst = append(appendString(append(dst, `,"j":`...), p.J), '}')
	}
	return append(dst, ']')
}

// appendString escapes what JSON wants escaped, byte by byte.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		if c := s[i]; c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			continue
		} else if c < utf8.RuneSelf {
			dst = append(dst, s[from:i]...)
			from = i + 1
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				const hex = "0123456789abcdef"
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
		}
	}
	return append(append(dst, s[from:]...), '"')
}
