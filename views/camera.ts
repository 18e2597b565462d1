/** How a person looks at a cloud of points. */
export interface Camera {
  zoom: number;
  /** Shift of the picture, as fractions of the plot's size, to the right and downwards. */
  dx: number;
  dy: number;
  /** Angles of a cloud in three dimensions, in radians: around the vertical, then towards the viewer. */
  yaw: number;
  pitch: number;
}

export const CAMERA: Camera = { zoom: 1, dx: 0, dy: 0, yaw: 0.6, pitch: 0.45 };

const ZOOMS = [0.5, 2000] as const;

/**
 * Zooms so that a point of the plot stays where it is.
 * @param at the point, as fractions of the plot's size from its middle
 */
export function zoomed(camera: Camera, factor: number, at: { x: number; y: number }): Camera {
  const zoom = Math.min(ZOOMS[1], Math.max(ZOOMS[0], camera.zoom * factor));
  const ratio = zoom / camera.zoom;
  return { ...camera, zoom, dx: at.x - (at.x - camera.dx) * ratio, dy: at.y - (at.y - camera.dy) * ratio };
}

/** Moves the picture by fractions of the plot's size. */
export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  dx: camera.dx + dx,
  dy: camera.dy + dy,
});

/** Turns the cloud; once across the plot is half a turn. */
export const turned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  yaw: camera.yaw + Math.PI * dx,
  pitch: Math.min(Math.PI / 2, Math.max(-Math.PI / 2, camera.pitch + Math.PI * dy)),
});
