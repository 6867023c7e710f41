//! JavaScript functions without the macros of N-API, whose conversions cost more than a decision: an argument is read when
//! it is asked for, into memory that the function keeps, and the answer is one number.
//!
//! The only module with `unsafe`. It converts, and knows nothing of experiments.
#![expect(unsafe_code, reason = "N-API is a C interface")]

mod typed;

use std::{
    cell::Cell,
    ffi::{CStr, c_void},
    mem::MaybeUninit,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr, slice, str,
};

use bumpalo::Bump;
use napi::{Env, JsError, Status, bindgen_prelude::Unknown, sys};

/// Memory that a function keeps from call to call; a call that needed more gives it back.
const KEPT_BYTES: usize = 16 * 1024;
/// Arguments of a call that are read without memory of their own.
const FEW: usize = 8;
/// UTF-16 units of a text that is read in one go, its end among them.
const SHORT: usize = 512;

/// Items of an array between which handles are given back.
const SCOPE: usize = 1024;

/// One argument, as it is in JavaScript.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Argument<'c> {
    /// `undefined`, `null`, or not given.
    Missing,
    Boolean(bool),
    Number(f64),
    /// A string; lone surrogates are U+FFFD.
    Text(&'c str),
    /// A copy of a `Uint8Array`'s bytes: another thread may share its memory and write to it.
    Bytes(&'c [u8]),
    Other,
}

/// The arguments of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'c> {
    env: sys::napi_env,
    values: &'c [sys::napi_value],
    kinds: &'c Kinds,
    memory: &'c Bump,
}

/// What the first arguments were in the last call, and so most likely are in the next.
type Kinds = [Cell<sys::napi_valuetype>; FEW];

/// What a function keeps.
struct Kept<F> {
    answer: F,
    kinds: Kinds,
    /// Taken while a call runs: reading an argument may run code that calls again.
    memory: Cell<Option<Bump>>,
}

/// A JavaScript function; what `answer` refuses is thrown.
pub(crate) fn function<'env, F>(
    env: &'env Env,
    name: &CStr,
    answer: F,
) -> napi::Result<Unknown<'env>>
where
    F: Fn(Call<'_>) -> napi::Result<i32> + 'static,
{
    let kept = Box::into_raw(Box::new(Kept {
        answer,
        kinds: Kinds::default(),
        memory: Cell::default(),
    }));
    let (data, env) = (kept.cast::<c_void>(), env.raw());
    let (name, length) = (name.as_ptr(), name.count_bytes().cast_signed());
    let mut made = ptr::null_mut();
    // SAFETY: `name` is that long, and `run::<F>` reads `data` as what they are.
    let mut status = unsafe {
        sys::napi_create_function(env, name, length, Some(run::<F>), data, &raw mut made)
    };
    if status == sys::Status::napi_ok {
        let (hint, reference) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: `free::<F>` takes `data` as what they are, once, when the function is gone.
        status =
            unsafe { sys::napi_add_finalizer(env, made, data, Some(free::<F>), hint, reference) };
    }
    if status != sys::Status::napi_ok {
        return Err(napi::Error::new(
            Status::from(status),
            "cannot make a function",
        ));
    }
    // SAFETY: `made` is the function that `env` has just made.
    Ok(unsafe { Unknown::from_raw_unchecked(env, made) })
}

extern "C" fn free<F>(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `function` made it of a box of this type, and a finalizer runs once.
    drop(unsafe { Box::from_raw(data.cast::<Kept<F>>()) });
}

extern "C" fn run<F>(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value
where
    F: Fn(Call<'_>) -> napi::Result<i32>,
{
    let answered = catch_unwind(AssertUnwindSafe(|| answer::<F>(env, info)));
    let mut value = ptr::null_mut();
    match answered {
        // SAFETY: `env` is that of the running call.
        Ok(Ok(number)) => unsafe {
            sys::napi_create_int32(env, number, &raw mut value);
        },
        // SAFETY: as above.
        Ok(Err(error)) => unsafe { JsError::from(error).throw_into(env) },
        Err(_) => {
            let error = napi::Error::from_reason("stoa panicked; please report what was asked");
            // SAFETY: as above.
            unsafe { JsError::from(error).throw_into(env) };
        }
    }
    value
}

fn answer<F>(env: sys::napi_env, info: sys::napi_callback_info) -> napi::Result<i32>
where
    F: Fn(Call<'_>) -> napi::Result<i32>,
{
    let (mut few, mut many) = ([ptr::null_mut(); FEW], Vec::new());
    let (mut count, mut data, this) = (FEW, ptr::null_mut(), ptr::null_mut());
    // SAFETY: `few` has room for `count` values.
    unsafe {
        let room = few.as_mut_ptr();
        sys::napi_get_cb_info(env, info, &raw mut count, room, this, &raw mut data);
    }
    // SAFETY: the data of the function are what `function` gave it, and live as long as it does.
    let kept = unsafe { &*data.cast::<Kept<F>>() };
    let values = if count <= FEW {
        &few[..count]
    } else {
        many.resize(count, ptr::null_mut());
        // SAFETY: `many` has room for `count` values.
        unsafe {
            let (room, data) = (many.as_mut_ptr(), ptr::null_mut());
            sys::napi_get_cb_info(env, info, &raw mut count, room, this, data);
        }
        &many
    };
    let mut memory = kept.memory.take().unwrap_or_default();
    let call = Call {
        env,
        values,
        kinds: &kept.kinds,
        memory: &memory,
    };
    let answer = (kept.answer)(call);
    if memory.allocated_bytes() <= KEPT_BYTES {
        memory.reset();
        kept.memory.set(Some(memory));
    }
    answer
}

impl<'c> Call<'c> {
    /// Argument `i`; those past the end are missing.
    #[expect(
        clippy::inline_always,
        reason = "what the caller makes of it then needs no second look at its kind"
    )]
    #[inline(always)]
    pub(crate) fn get(self, i: usize) -> Argument<'c> {
        let Some(&value) = self.values.get(i) else {
            return Argument::Missing;
        };
        let last = self.kinds.get(i);
        match last.map(Cell::get) {
            Some(sys::ValueType::napi_string) => {
                if let Some(text) = self.text(i) {
                    return Argument::Text(text);
                }
            }
            Some(sys::ValueType::napi_number) => {
                if let Some(number) = self.number(value) {
                    return Argument::Number(number);
                }
            }
            _ => {}
        }
        let env = self.env;
        let mut kind = sys::ValueType::napi_undefined;
        // SAFETY: `value` is an argument of the running call.
        unsafe { sys::napi_typeof(env, value, &raw mut kind) };
        if let Some(last) = last {
            last.set(kind);
        }
        match kind {
            sys::ValueType::napi_undefined | sys::ValueType::napi_null => Argument::Missing,
            sys::ValueType::napi_string => self.text(i).map_or(Argument::Other, Argument::Text),
            sys::ValueType::napi_number => {
                self.number(value).map_or(Argument::Other, Argument::Number)
            }
            sys::ValueType::napi_boolean => {
                let mut truth = false;
                // SAFETY: as above.
                unsafe { sys::napi_get_value_bool(env, value, &raw mut truth) };
                Argument::Boolean(truth)
            }
            _ => self.bytes(i).map_or(Argument::Other, Argument::Bytes),
        }
    }

    /// Argument `i`, which is bytes more often than not.
    #[inline]
    pub(crate) fn document(self, i: usize) -> Argument<'c> {
        self.bytes(i).map_or_else(|| self.get(i), Argument::Bytes)
    }

    #[inline]
    fn number(self, value: sys::napi_value) -> Option<f64> {
        let mut number = f64::NAN;
        // SAFETY: `value` is an argument of the running call.
        let status = unsafe { sys::napi_get_value_double(self.env, value, &raw mut number) };
        (status == sys::Status::napi_ok).then_some(number)
    }

    /// Argument `i` if it is a string.
    #[inline]
    pub(crate) fn text(self, i: usize) -> Option<&'c str> {
        let (env, value) = (self.env, *self.values.get(i)?);
        let mut short = [MaybeUninit::<u16>::uninit(); SHORT];
        let mut length = 0;
        // SAFETY: `value` is an argument of the running call, `short` has room for `SHORT` units.
        let status = unsafe {
            let room = short.as_mut_ptr().cast();
            sys::napi_get_value_string_utf16(env, value, room, SHORT, &raw mut length)
        };
        if status != sys::Status::napi_ok {
            return None;
        }
        if length == SHORT - 1 {
            return Some(self.long_text(value));
        }
        // SAFETY: N-API has written that many units.
        Some(self.utf8(unsafe { slice::from_raw_parts(short.as_ptr().cast(), length) }))
    }

    /// Items of the array that is argument `i`; 0 when it is none.
    pub(crate) fn length(self, i: usize) -> usize {
        let mut length = 0;
        if let Some(&array) = self.values.get(i) {
            // SAFETY: `array` is an argument of the running call.
            unsafe { sys::napi_get_array_length(self.env, array, &raw mut length) };
        }
        length as usize
    }

    /// Hands over the items of the array that is argument `i`, one after the other; what is no string is `None`.
    pub(crate) fn each_text(self, i: usize, mut each: impl FnMut(Option<&str>)) {
        let mut memory = Bump::new();
        let n = self.length(i);
        for from in (0..n).step_by(SCOPE) {
            let _scope = Scope::open(self.env);
            for k in from..n.min(from + SCOPE) {
                let mut item = ptr::null_mut();
                // An array has fewer than 2^32 items.
                let k = u32::try_from(k).unwrap_or(u32::MAX);
                // SAFETY: argument `i` is an array.
                unsafe { sys::napi_get_element(self.env, self.values[i], k, &raw mut item) };
                let values = &[item];
                each(
                    Call {
                        values,
                        memory: &memory,
                        ..self
                    }
                    .text(0),
                );
                memory.reset();
            }
        }
    }

    #[cold]
    fn long_text(self, value: sys::napi_value) -> &'c str {
        let mut length = 0;
        // SAFETY: `value` is a string of the running call; without room N-API gives its length.
        unsafe {
            let room = ptr::null_mut();
            sys::napi_get_value_string_utf16(self.env, value, room, 0, &raw mut length);
        }
        let mut units = vec![0_u16; length + 1];
        // SAFETY: `units` has room for the string and its end.
        unsafe {
            let room = units.as_mut_ptr();
            sys::napi_get_value_string_utf16(self.env, value, room, length + 1, &raw mut length);
        }
        self.utf8(&units[..length])
    }

    fn utf8(self, units: &[u16]) -> &'c str {
        let room = self.room(units.len());
        let mut seen = 0;
        for (byte, unit) in room.iter_mut().zip(units) {
            seen |= *unit;
            byte.write(unit.to_le_bytes()[0]);
        }
        if seen < 0x80 {
            // SAFETY: every byte is written, and is ASCII.
            return unsafe { str::from_utf8_unchecked(written(room)) };
        }
        self.memory.alloc_str(&String::from_utf16_lossy(units))
    }

    /// Memory for the rest of the call.
    fn room(self, length: usize) -> &'c mut [MaybeUninit<u8>] {
        self.memory
            .alloc_slice_fill_with(length, |_| MaybeUninit::uninit())
    }

    /// Argument `i` if it is a `Uint8Array`; a view of another kind is one too, of the bytes that it shows.
    #[inline(never)]
    fn bytes(self, i: usize) -> Option<&'c [u8]> {
        let (env, value) = (self.env, *self.values.get(i)?);
        let (mut is_view, mut start, mut length) = (false, ptr::null_mut(), 0);
        // SAFETY: `value` is an argument of the running call.
        unsafe { sys::napi_is_buffer(env, value, &raw mut is_view) };
        if !is_view {
            return None;
        }
        // SAFETY: as above, and it is a view of bytes.
        unsafe { sys::napi_get_buffer_info(env, value, &raw mut start, &raw mut length) };
        if start.is_null() {
            return Some(&[]);
        }
        let room = self.room(length);
        // SAFETY: `start` is that many bytes, which live as long as the call; the room is new, and full then.
        Some(unsafe {
            ptr::copy_nonoverlapping(start.cast(), room.as_mut_ptr(), length);
            written(room)
        })
    }
}

/// The bytes of room that is full.
///
/// # Safety
/// Every byte has been written.
unsafe fn written(room: &[MaybeUninit<u8>]) -> &[u8] {
    // SAFETY: as the caller says.
    unsafe { slice::from_raw_parts(room.as_ptr().cast(), room.len()) }
}

/// While it lives, handles are its own.
struct Scope {
    env: sys::napi_env,
    scope: sys::napi_handle_scope,
}

impl Scope {
    fn open(env: sys::napi_env) -> Self {
        let mut scope = ptr::null_mut();
        // SAFETY: `env` is that of the running call.
        unsafe { sys::napi_open_handle_scope(env, &raw mut scope) };
        Self { env, scope }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        // SAFETY: opened in `open`, after every scope that is still open.
        unsafe { sys::napi_close_handle_scope(self.env, self.scope) };
    }
}
