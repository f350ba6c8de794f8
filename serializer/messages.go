package serializer

import (
	"fmt"
	"strconv"
)

// The messages of Django REST Framework, word for word: browser clients show them.
var (
	msgRequired   = Message{"required", "This field is required."}
	msgNull       = Message{"null", "This field may not be null."}
	msgNoData     = Message{"null", "No data provided"}
	msgBlank      = Message{"blank", "This field may not be blank."}
	msgEmpty      = Message{"empty", "This list may not be empty."}
	msgTooMany    = Message{"invalid", "There are too many errors to list."}
	msgUnknown    = Message{"unknown", "Unknown field."}
	msgUnique     = Message{"unique", "This field must be unique."}
	msgString     = Message{"invalid", "Not a valid string."}
	msgNullChar   = Message{"null_characters_not_allowed", "Null characters are not allowed."}
	msgBool       = Message{"invalid", "Must be a valid boolean."}
	msgInteger    = Message{"invalid", "A valid integer is required."}
	msgNumber     = Message{"invalid", "A valid number is required."}
	msgLongNumber = Message{"max_string_length", "String value too large."}
	msgEmail      = Message{"invalid", "Enter a valid email address."}
	msgURL        = Message{"invalid", "Enter a valid URL."}
	msgSlug       = Message{"invalid", `Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.`}
	msgUUID       = Message{"invalid", "Must be a valid UUID."}
	msgPattern    = Message{"invalid", "This value does not match the required pattern."}
	msgValue      = Message{"invalid", "Enter a valid value."}
	msgDuration   = Message{"invalid", "Duration has wrong format. Use one of these formats instead: [DD] [HH:[MM:]]ss[.uuuuuu]."}
	msgNoEntries  = Message{"empty", "This dictionary may not be empty."}
	msgNoChoice   = Message{"empty", "This selection may not be empty."}
	msgIP         = Message{"invalid", "Enter a valid IPv4 or IPv6 address."}
	msgIPv4       = Message{"invalid", "Enter a valid IPv4 address."}
	msgIPv6       = Message{"invalid", "Enter a valid IPv6 address."}
	msgUniSlug    = Message{"invalid", `Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.`}
	msgInvalidKey = Message{"invalid", "Invalid value."}
	msgOverflow   = Message{"overflow", "Datetime value out of range."}
)

// codes are those that a declaration can give texts of its own for, in order.
var codes = []string{
	"blank", "does_not_exist", "empty", "incorrect_type", "invalid", "invalid_choice", "max_decimal_places", "max_digits", "max_items", "max_length",
	"max_string_length", "max_value", "max_whole_digits", "min_length", "min_value", "not_a_dict", "not_a_list", "null", "null_characters_not_allowed",
	"overflow", "required", "surrogate_characters_not_allowed", "unique",
}

func msgSurrogate(r rune) Message {
	return Message{"surrogate_characters_not_allowed", fmt.Sprintf("Surrogate characters are not allowed: U+%X.", r)}
}

func msgMaxLength(n int) Message {
	return Message{"max_length", "Ensure this field has no more than " + strconv.Itoa(n) + " characters."}
}

func msgMinLength(n int) Message {
	return Message{"min_length", "Ensure this field has at least " + strconv.Itoa(n) + " characters."}
}

func msgMaxItems(n int) Message {
	return Message{"max_length", "Ensure this field has no more than " + strconv.Itoa(n) + " elements."}
}

func msgMinItems(n int) Message {
	return Message{"min_length", "Ensure this field has at least " + strconv.Itoa(n) + " elements."}
}

func msgMax(limit string) Message {
	return Message{"max_value", "Ensure this value is less than or equal to " + limit + "."}
}

func msgMin(limit string) Message {
	return Message{"min_value", "Ensure this value is greater than or equal to " + limit + "."}
}

func msgMaxObjects(n int) Message {
	return Message{"max_items", "Ensure that there are no more than " + strconv.Itoa(n) + " objects in all."}
}

func msgMaxDigits(n int) Message {
	return Message{"max_digits", fmt.Sprintf("Ensure that there are no more than %d digits in total.", n)}
}

func msgMaxPlaces(n int) Message {
	return Message{"max_decimal_places", fmt.Sprintf("Ensure that there are no more than %d decimal places.", n)}
}

func msgMaxWhole(n int) Message {
	return Message{"max_whole_digits", fmt.Sprintf("Ensure that there are no more than %d digits before the decimal point.", n)}
}

func msgChoice(given string) Message {
	return Message{"invalid_choice", `"` + given + `" is not a valid choice.`}
}

func msgNotObject(got string) Message {
	return Message{"invalid", "Invalid data. Expected a dictionary, but got " + got + "."}
}

func msgNotList(got string) Message {
	return Message{"not_a_list", `Expected a list of items but got type "` + got + `".`}
}

func msgNotDict(got string) Message {
	return Message{"not_a_dict", `Expected a dictionary of items but got type "` + got + `".`}
}

func msgWrongTime(what, layouts string) Message {
	return Message{"invalid", what + " has wrong format. Use one of these formats instead: " + layouts + "."}
}

func msgNoSlug(name, value string) Message {
	return Message{"does_not_exist", "Object with " + name + "=" + value + " does not exist."}
}

func msgPKType(got string) Message {
	return Message{"incorrect_type", "Incorrect type. Expected pk value, received " + got + "."}
}

func msgNoPK(key string) Message {
	return Message{"does_not_exist", `Invalid pk "` + key + `" - object does not exist.`}
}

func msgPKUUID(given string) Message {
	return Message{"invalid", "“" + given + "” is not a valid UUID."}
}
