/** The parts of @echogarden/fvad-wasm 0.2.0 that are used: libfvad compiled by Emscripten. It comes without types. */
declare module '@echogarden/fvad-wasm' {
  interface Fvad {
    readonly HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _fvad_new(): number;
    _fvad_free(vad: number): void;
    /** 0 (misses little) to 3 (takes the least for voice); returns 0, or -1 for another mode. */
    _fvad_set_mode(vad: number, mode: number): number;
    _fvad_set_sample_rate(vad: number, sampleRateHz: number): number;
    /** 1 voice, 0 none, -1 for a frame of another length than 10, 20 or 30 ms. */
    _fvad_process(vad: number, samples: number, length: number): number;
  }
  export default function load(): Promise<Fvad>;
}
