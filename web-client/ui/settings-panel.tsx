import { useMediaDeviceSelect } from '@livekit/components-react';
import type { Room } from 'livekit-client';
import { useId, useState } from 'react';
import { SHORTCUTS } from '../call/shortcut.js';

interface Props {
  readonly room: Room;
  readonly microphoneOn: boolean;
  readonly shortcutsOn: boolean;
  readonly onShortcutsChange: (on: boolean) => void;
}

/** Devices and keys, folded away until wanted. */
export function SettingsPanel({ room, microphoneOn, shortcutsOn, onShortcutsChange }: Props) {
  const shortcutsId = useId();
  return (
    <details className="settings">
      <summary>Devices and keys</summary>
      {/* Outside a secure context browsers have no devices to ask for, and LiveKit's hook throws. */}
      {window.isSecureContext && (
        <>
          {/* Browsers name devices only once the microphone is allowed, hence the keys: ask again then. */}
          <DeviceSelect key={`in ${microphoneOn}`} room={room} kind="audioinput" label="Microphone" />
          <DeviceSelect key={`out ${microphoneOn}`} room={room} kind="audiooutput" label="Speaker" />
        </>
      )}
      <p className="check">
        <input
          id={shortcutsId}
          type="checkbox"
          checked={shortcutsOn}
          onChange={({ target }) => onShortcutsChange(target.checked)}
        />
        <label htmlFor={shortcutsId}>Keyboard shortcuts</label>
      </p>
      <dl className="shortcuts">
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

interface DeviceProps {
  readonly room: Room;
  readonly kind: 'audioinput' | 'audiooutput';
  readonly label: string;
}

function DeviceSelect({ room, kind, label }: DeviceProps) {
  const id = useId();
  const [failed, setFailed] = useState(false);
  const { devices, activeDeviceId, setActiveMediaDevice } = useMediaDeviceSelect({
    kind,
    room,
    requestPermissions: false,
  });
  const named = devices.filter(({ deviceId }) => deviceId !== '');
  if (named.length === 0) {
    const reason =
      kind === 'audioinput' ? 'Allow the microphone to choose one.' : 'This browser uses the system’s speaker.';
    return (
      <p className="device">
        <span>{label}</span> <span className="device-note">{reason}</span>
      </p>
    );
  }
  const choose = async (deviceId: string) => {
    setFailed(false);
    try {
      await setActiveMediaDevice(deviceId);
    } catch {
      setFailed(true);
    }
  };
  return (
    <p className="device">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={activeDeviceId} onChange={({ target }) => void choose(target.value)}>
        {!named.some(({ deviceId }) => deviceId === activeDeviceId) && <option value={activeDeviceId}>In use</option>}
        {named.map(({ deviceId, label: name }, index) => (
          <option key={deviceId} value={deviceId}>
            {name || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
      {failed && <span role="alert">This one could not be used. Choose another.</span>}
    </p>
  );
}
